import { at, text } from '../json.js';
import { httpFailureIn } from './http-failure.js';

/** The innermost system error code: ECONNREFUSED, ENOTFOUND, a TLS code; or what our own HTTP says, which tells more. */
export function codeOf(error: unknown): string {
  const failure = httpFailureIn(error);
  if (failure) return failure.message;
  const inner = at(error instanceof Error ? { cause: error.cause } : undefined, 'cause');
  if (inner instanceof Error) return codeOf(inner);
  const code = error instanceof Error && 'code' in error ? text(error.code) : '';
  return code || (error instanceof Error ? error.message.replace(/\s+/g, ' ') : '');
}
