/** One thing that was asked in the diagnostics of a red run, and what came of it. */
export interface Section {
  title: string;
  /** Its file in the diagnostics folder. */
  file: string;
  lines: string[];
}

/** Lines that are kept of a section: the last ones. */
const LONGEST = 2000;

export function linesOf(output: string): string[] {
  return output.trimEnd().split('\n').slice(-LONGEST);
}
