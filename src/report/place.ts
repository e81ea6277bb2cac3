import type { Place } from '../ports.js';

/** "tests/a.py:3", or the file alone. */
export function placeInWords({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}
