/** Programs whose first plain word is the file or folder that they run, or go to. */
const RUNNERS = /^(?:ba|da|z)?sh$|^python[\d.]*$|^(?:node|pytest|cd|source|\.)$/;

/** Words of the first command of a shell text, as far as they can be told without a shell: variables before it left out. */
function wordsOf(command: string): string[] {
  const [line = ''] = command.split(/[\n;&|]/).filter((part) => part.trim() && !part.trim().startsWith('#'));
  const words = line.trim().split(/\s+/);
  const start = words.findIndex((word) => !/^\w+=/.test(word));
  return start < 0 ? [] : words.slice(start);
}

/** The program that a shell text begins with; its arguments may hold secrets of the user's own. Empty if there is none. */
export function programOf(command: string): string {
  return wordsOf(command)[0] ?? '';
}

/** Paths in the workspace that the first command of a shell text needs, as far as its words say so. */
export function pathsIn(command: string): string[] {
  const [program = '', ...rest] = wordsOf(command);
  const argument =
    RUNNERS.test(program) && !rest.some((word) => /^-[cem]$/.test(word))
      ? rest.find((word) => !word.startsWith('-'))
      : '';
  return [program, argument ?? ''].filter((word, at) => isPath(word) && (at === 1 || word.includes('/')));
}

/** Relative, and nothing that a shell puts something else in the place of. */
function isPath(word: string): boolean {
  return /^(?!\/)[\w./@+-]+$/.test(word) && !word.split('/').includes('..') && word.replace(/[./]/g, '') !== '';
}
