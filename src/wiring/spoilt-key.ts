import { RunError } from '../errors.js';
import type { GivenChart, Wiring } from './wiring.js';

/** A wiring that would fit, if the user's set-values had nothing else in the place of its key. */
export class SpoiltKey extends RunError {
  /** What the user is told where the run goes on with another wiring. */
  readonly note: string;

  constructor(wiring: string, said: string, places: string) {
    const fix = `Take ${places} out of set-values: the wiring puts the key there.`;
    super('E_WIRING', 'chart', `with wiring ${wiring} the chart is not wired: ${said}`, fix);
    this.note = `${said}, so that another wiring than ${wiring} is taken. Fix: take ${places} out of set-values.`;
  }
}

/**
 * Why a wiring whose key is nowhere in the render does not fit; undefined where set-values are not the cause.
 * @param replaced places of the key with something else in them; what that is stays unsaid: it may be a key as well
 */
export function spoiltKey({ name }: Wiring, replaced: string[], chart: GivenChart): SpoiltKey | undefined {
  return replaced.length ? new SpoiltKey(name, saying(replaced, chart), replaced.join(', ')) : undefined;
}

/** What is to be known of a wiring that fits all the same, as where the chart has the key in a second place. */
export function notesOf({ name }: Wiring, replaced: string[], chart: GivenChart): string[] {
  if (!replaced.length) return [];
  const places = replaced.join(', ');
  return [`${saying(replaced, chart)}, where wiring ${name} puts the key. Fix: take ${places} out of set-values.`];
}

function saying(replaced: string[], { setValues }: GivenChart): string {
  return `${setValues.where} has another value than the key at ${replaced.join(', ')}`;
}
