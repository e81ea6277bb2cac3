import { randomInt } from 'node:crypto';
import type { TestProject } from 'vitest/node';

const SEED = 20_261_129;

declare module 'vitest' {
  interface ProvidedContext {
    propertySeed: number;
  }
}

/** PROPERTY_SEED: a number, or "fresh" for one that is drawn, and told so that the run can be had again. */
export default function setup(project: TestProject): void {
  const asked = process.env['PROPERTY_SEED'] ?? '';
  const seed = asked === 'fresh' ? randomInt(2 ** 31) : asked === '' ? SEED : Number(asked);
  if (!Number.isInteger(seed)) throw new Error(`PROPERTY_SEED is neither a whole number nor "fresh": ${asked}`);
  if (asked) console.log(`property tests: PROPERTY_SEED=${seed}`);
  project.provide('propertySeed', seed);
}
