/**
 * Whether an answer says a word or number, in whatever case, with or without separators inside the number: models write
 * 47651 as 47,651 too. 147651 does not say 47651.
 */
export function says(answer: string, wanted: string): boolean {
  const plain = answer.replace(/(?<=\d)[,.'’\u00a0\u202f ](?=\d{3}(?!\d))/g, '').toLowerCase();
  const escaped = wanted.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'u').test(plain);
}
