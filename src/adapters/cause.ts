import { at, text } from '../json.js';

/** The innermost system error code: ECONNREFUSED, ENOTFOUND, a TLS code. */
export function codeOf(error: unknown): string {
  const inner = at(error instanceof Error ? { cause: error.cause } : undefined, 'cause');
  if (inner instanceof Error) return codeOf(inner);
  const code = error instanceof Error && 'code' in error ? text(error.code) : '';
  // a tunnel that a proxy refuses: what it answered is in the message alone
  return (code !== 'UND_ERR_ABORTED' && code) || (error instanceof Error ? error.message.replace(/\s+/g, ' ') : '');
}
