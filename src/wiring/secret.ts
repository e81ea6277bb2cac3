import { SECRET_NAME, secretObject } from './secret-object.js';
import type { Wiring } from './wiring.js';

/** For charts that take an existing Secret: it is there before they are installed; the values name it. */
export const secret: Wiring = {
  name: 'secret',
  suits: ({ secretName }) =>
    secretName === SECRET_NAME ? undefined : `the input secret-name asks for the Secret ${secretName}`,
  modelKey: () => '',
  wire: (service, chart) => ({ overlay: {}, objects: [secretObject(service, chart)] }),
};
