import { createKeyFinder } from '../secrets/key-finder.js';
import { ADDRESSES, leadsToService } from './placeholders.js';
import { isReferredTo, isShown, leadsTo, textOf } from './shown.js';
import type { Wiring } from './wiring.js';

/** For any chart: its values say where the model service belongs, by placeholders, which are replaced whatever the wiring. */
export const values: Wiring = {
  name: 'values',
  suits: ({ placeholders }) => {
    const first = placeholders.find(leadsToService);
    return first === undefined ? undefined : `the values have \${${first}}`;
  },
  objection: (objects, seen, chart) => {
    const holdsKey = createKeyFinder(seen.apiKey).find;
    const isRead = (name: string) => {
      if (name === 'MAAS_SECRET_NAME') return isReferredTo(chart.secret.name, objects);
      if (name === 'MAAS_API_KEY') return objects.some((object) => holdsKey(textOf(object)).length > 0);
      return !ADDRESSES.includes(name) || isShown(new URL(seen.baseUrl).hostname, objects);
    };
    const unread = chart.placeholders.find((name) => !isRead(name));
    if (unread === undefined && !leadsTo(seen, objects, chart))
      return 'nothing that the chart renders leads to the service: neither its address, nor a Secret that has it';
    return unread && `no template of the chart reads the value that is \${${unread}}: it is nowhere in what it renders`;
  },
  modelKey: () => '',
  wire: () => ({ overlay: {}, objects: [] }),
};
