import { isRecord } from '../json.js';

/**
 * Whether an answer says a word or number, in whatever case, with or without separators inside the number: models write
 * 47651 as 47,651 too. 147651 does not say 47651.
 */
export function says(answer: string, wanted: string): boolean {
  const plain = answer.replace(/(?<=\d)[,.'’\u00a0\u202f ](?=\d{3}(?!\d))/g, '').toLowerCase();
  const escaped = wanted.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, 'u').test(plain);
}

const DECLINING = [
  /\b(do|does|did|is|are|was|has|have|can|could) not\b|n['’]t\b|\b(cannot|unable|unknown)\b/i,
  /\bnot (mentioned|given|provided|specified|stated|available|included|found|known)\b/i,
  /\bno (such|information|mention|record|data|answer|knowledge|details?)\b/i,
  /\bonly (mentions|gives|lists|contains|has)\b/i,
];

/** Whether an answer says that it can not be given: a model that declines may name what it found instead. */
export function declines(answer: string): boolean {
  return DECLINING.some((pattern) => pattern.test(answer));
}

/** Whether a text is a JSON object that says a word in one of its strings, at whatever depth. */
export function saysInJson(text: string, wanted: string): boolean {
  const value = parsed(text);
  return isRecord(value) && stringsOf(value).some((one) => says(one, wanted));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}
