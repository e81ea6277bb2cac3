/**
 * What a reader does not see of a text: colours, moves and titles of a terminal
 * (https://ecma-international.org/publications-and-standards/standards/ecma-48/), characters without a shape, and those that turn
 * the direction of what follows (https://www.unicode.org/reports/tr9/). In the middle of a key they hide it from a search, and not
 * from the reader.
 */
const PARTS = [
  String.raw`\u001b\[[0-?]{0,40}[ -/]{0,9}[@-~]`,
  // a title longer than this is looked through, not over: one without an end must not be sought for in a whole log
  String.raw`\u001b[\]PX^_][^\u0007\u001b\n]{0,200}(?:\u0007|\u001b\\)`,
  String.raw`\u001b[ -/]{0,9}[0-~]`,
  String.raw`[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]`,
];
const EVERY = new RegExp(PARTS.join('|'), 'g');
const HERE = new RegExp(PARTS.join('|'), 'y');
/** What each of them begins with. */
const BEGINS = new RegExp(String(PARTS.at(-1)));

const UNSEEN = Uint8Array.from({ length: 0x2000 }, (_, code) => (BEGINS.test(String.fromCharCode(code)) ? 1 : 0));

export function hasUnseen(text: string): boolean {
  return BEGINS.test(text);
}

/** A text without what is not seen. */
export function withoutUnseen(text: string): string {
  return hasUnseen(text) ? text.replace(EVERY, '') : text;
}

/** Whether a character is not seen, or begins what is not. */
export function isUnseenCode(code: number): boolean {
  return code < 0x2000 ? UNSEEN[code] === 1 : BEGINS.test(String.fromCharCode(code));
}

/** Characters at a place of a text that are not seen; 0 where one is. */
export function unseenAt(text: string, at: number): number {
  HERE.lastIndex = at;
  return HERE.exec(text)?.[0].length ?? 0;
}
