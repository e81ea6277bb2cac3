const DIGITS = String.raw`\d+(_\d+)*`;
const FLOAT = new RegExp(
  `^[+-]?((${DIGITS})(\\.(${DIGITS})?)?|\\.${DIGITS})(e[+-]?${DIGITS})?$|^[+-]?(inf|infinity|nan)$`,
  'i',
);

/**
 * Whether the stack makes a number of the key when it puts it into its configuration, as Python's int() and float() do:
 * https://docs.python.org/3/library/functions.html#float
 */
export function isNumber(key: string): boolean {
  return FLOAT.test(key);
}
