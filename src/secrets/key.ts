import type { ErrorCode } from '../error-codes.js';
import { RunError } from '../errors.js';
import type { Runner } from '../ports.js';
import type { Secret } from './secret.js';

/** Shorter keys are refused: masking them would mask half the log. */
const SHORTEST = 8;

/** The first thing that a run does. A short secret is refused later and not masked: half the log would be. */
export function maskSecrets(secrets: Secret[], runner: Pick<Runner, 'mask'>): void {
  for (const { value } of secrets) if (value.length >= SHORTEST) runner.mask(value);
}

/**
 * Whether the key can be sent and masked. Its text is in no message.
 * @throws RunError for an empty, a short or an unsendable key: a header value is visible ASCII, with spaces inside
 * (https://www.rfc-editor.org/rfc/rfc9110#section-5.5)
 */
export function checkKey(key: string): void {
  if (!key)
    throw refuse(
      'E_KEY_MISSING',
      'is empty',
      "Pass the model service's key: api-key: ${{ secrets.MAAS_API_KEY }}, and check that the secret exists.",
    );
  if (key.length < SHORTEST)
    throw refuse(
      'E_KEY_FORM',
      `has fewer than ${SHORTEST} characters`,
      'A key this short can not be masked in logs; use a real one.',
    );
  if (/[^\S ]| {2}/.test(key))
    throw refuse(
      'E_KEY_FORM',
      'has a line break, a tab or several spaces inside',
      'Copy the key again, on one line, into the secret.',
    );
  if (/^bearer /i.test(key))
    throw refuse('E_KEY_FORM', 'begins with Bearer', 'Put the key alone into the secret: the word is added.');
  if (!/^[\x20-\x7e]+$/.test(key))
    throw refuse(
      'E_KEY_FORM',
      'has characters that no HTTP header can carry (smart quotes, control characters)',
      'Copy the key again, as plain text, into the secret.',
    );
}

function refuse(code: ErrorCode, what: string, fix: string): RunError {
  return new RunError(code, 'inputs', `input api-key ${what}`, fix);
}
