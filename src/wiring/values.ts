import { createKeyFinder } from '../secrets/key-finder.js';
import { ADDRESSES, leadsToService } from './placeholders.js';
import { isShown, textOf } from './shown.js';
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
    const isRead = (name: string) =>
      ADDRESSES.includes(name)
        ? isShown(new URL(seen.baseUrl).hostname, objects)
        : name === 'MAAS_SECRET_NAME'
          ? isShown(chart.secret.name, objects)
          : objects.some((object) => holdsKey(textOf(object)).length > 0);
    const unread = chart.placeholders.filter(leadsToService).find((name) => !isRead(name));
    return unread && `no template of the chart reads the value that is \${${unread}}: it is nowhere in what it renders`;
  },
  modelKey: () => '',
  wire: () => ({ overlay: {}, objects: [] }),
};
