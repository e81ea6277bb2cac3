/** Words that texts share without being about the same: neither a vector nor an answer is made of them. */
const STOP_WORDS = new Set(
  'a an and at by do does for how in is it of on or the to was what when where who'.split(' '),
);

/** The words of a text that say what it is about, in small letters. */
export function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !STOP_WORDS.has(word));
}
