// Keys that are looked for: random, so that no text holds eight characters of them by chance, and of the lengths at which
// base64 pads differently.

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** What shells, YAML, JSON, URLs, HTML, Markdown and String.replace read as something else. */
const SPECIAL = [':', '#{', '}', '"', "'", '$&', '\\', '<', '>', ',', '[', ']', '+', '/', '%', '='];

/** mulberry32: numbers from 0 to 1, the same ones for the same seed. */
export function randomOf(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Keys of services: what is in them beside letters is what programs escape. */
const FORMS = {
  UUID: (letters) => [8, 4, 4, 4, 12].map((count) => letters(count, HEX)).join('-'),
  // no header that begins as those of Kubernetes do: the first ten characters would be in every token of the cluster
  JWT: (letters) =>
    [
      { kid: letters(8), alg: 'HS256' },
      { tenant: letters(9), scope: letters(6) },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat(letters(43, `${LETTERS}_-`))
      .join('.'),
  grouped: (letters) => ['sk', ...Array.from({ length: 7 }, () => letters(4))].join('-'),
};
const HEX = '0123456789abcdef';

/** A key of visible ASCII. @param kind its length, a name of FORMS, or "special" */
export function canary(kind, random) {
  const pick = (from) => from[Math.floor(random() * from.length)];
  const letters = (count, from = LETTERS) => Array.from({ length: count }, () => pick(from)).join('');
  if (FORMS[kind]) return FORMS[kind](letters);
  if (kind !== 'special') return letters(Number(kind), `${LETTERS}_-`);
  // letters between all of them: a form of eight characters without one says nothing of this key
  const shuffled = SPECIAL.map((text) => ({ text, at: random() })).sort((a, b) => a.at - b.at);
  return letters(2) + shuffled.map(({ text }) => text + letters(pick([1, 2]))).join('');
}

/** A kind of key in words. */
export function kindInWords(kind) {
  if (kind === 'special') return 'special characters';
  return Number(kind) ? `${kind} characters` : kind;
}
