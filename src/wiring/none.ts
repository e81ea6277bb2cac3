import type { Wiring } from './wiring.js';

/** The chart knows the model service by itself, or needs none. */
export const none: Wiring = {
  name: 'none',
  suits: () => undefined,
  modelKey: () => '',
  wire: () => ({ overlay: {}, objects: [] }),
};
