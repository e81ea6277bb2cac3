const WORDS = new Map<string, boolean | null>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, null] => [word, null]),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE'].map(yes),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map(no),
]);

function yes(word: string): [string, boolean] {
  return [word, true];
}

function no(word: string): [string, boolean] {
  return [word, false];
}

const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
/** Digits of an integer: uint64 has 64 as a binary number; a BigInt of a million takes seconds. */
const LONGEST = 100;
/** What Go's int64 and uint64 hold. */
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 64n - 1n];

/**
 * What Helm makes of a text without quotes. Its YAML is that of Go's yaml.v2: the words of YAML 1.1, octals with and without o,
 * underscores in numbers; neither times nor sexagesimals. https://github.com/yaml/go-yaml/blob/v2/resolve.go
 */
export function readScalar(text: string): string | number | boolean | null {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return text;
  const digits = text.startsWith('._') ? text : text.replaceAll('_', '');
  const integer = integerOf(digits);
  if (integer !== undefined) return integer;
  const float = FLOAT.test(digits) ? Number(digits) : NaN;
  return Number.isFinite(float) ? float : text;
}

function integerOf(digits: string): number | undefined {
  const [, sign = '', number = ''] = INTEGER.exec(digits) ?? [];
  if (!number || number.length > LONGEST) return undefined;
  const size = BigInt(/^0[0-7]/.test(number) ? `0o${number}` : number);
  const value = sign === '-' ? -size : size;
  return value < LEAST || value > MOST ? undefined : Number(value);
}
