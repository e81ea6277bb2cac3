import { SECRET_NAME, secretObject } from './secret-object.js';
import type { ChartToWire, Wiring } from './wiring.js';

/** For any chart: its values say where the model service belongs, by placeholders, which are replaced whatever the wiring. */
export const values: Wiring = {
  name: 'values',
  suits: ({ placeholders: [first] }) => (first === undefined ? undefined : `the values have \${${first}}`),
  modelKey: () => '',
  wire: (service, chart) => ({ overlay: {}, objects: namesSecret(chart) ? [secretObject(service, chart)] : [] }),
};

function namesSecret({ placeholders, secretName }: ChartToWire): boolean {
  return secretName !== SECRET_NAME || placeholders.includes('MAAS_SECRET_NAME');
}
