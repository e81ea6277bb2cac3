import type { Verdict } from '../../assert/check.js';
import type { Result } from '../record.js';

export const MARKS = {
  passed: '✅',
  planned: '📝',
  warned: '⚠️',
  failed: '❌',
  blocked: '⛔',
  skipped: '⏭️',
} as const satisfies Record<Result | Verdict, string>;
