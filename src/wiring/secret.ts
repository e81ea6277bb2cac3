import { isReferredTo } from './shown.js';
import type { Wiring } from './wiring.js';

/** For charts that take an existing Secret: it is there before they are installed; the values name it. */
export const secret: Wiring = {
  name: 'secret',
  suits: ({ secret: { asked, name } }) => (asked ? `the inputs ask for the Secret ${name}` : undefined),
  needsSecret: true,
  objection: (objects, _, { secret: { name } }) =>
    isReferredTo(name, objects) ? undefined : `nothing that the chart renders refers to the Secret ${name}`,
  modelKey: () => '',
  wire: () => ({ overlay: {}, objects: [] }),
};
