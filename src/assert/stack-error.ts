import { RunError, type Hop } from '../errors.js';
import type { ApiFailure } from '../maas/failure.js';

/**
 * What a failed call to the stack means. The model service was asked directly before, with the same key: what only
 * fails through the stack is a matter of how the stack is wired to it.
 *
 * @param hop the part that the call was about; blamed where the answer tells no better
 */
export function stackError(failure: ApiFailure, hop: Hop): RunError {
  const [blamed, what, fix] = meaning(failure, hop);
  return new RunError(blamed, `${what}: ${failure.message}`, fix, { cause: failure });
}

function meaning({ kind, status = 0 }: ApiFailure, hop: Hop): [Hop, string, string] {
  if (kind === 'connection' || kind === 'timeout')
    return ['stack', 'the stack does not answer', "Read the stack's log below: it has ended, is overloaded or hangs."];
  if (kind === 'shape')
    return [
      hop,
      'the stack answers in an unknown form',
      'Check that the service on port 8321 is a Llama Stack (OGX) server of version 0.4 or newer.',
    ];
  if (status === 401 || status === 403)
    return [
      'stack',
      'the model service refuses the key that the stack sends',
      'The chart does not hand the key to the stack: llama-stack.secrets must reach its environment, or the values overwrite it.',
    ];
  if (status === 429)
    return [
      'model service',
      'the model service limits the rate',
      'Ask for a higher limit, or run fewer jobs at a time.',
    ];
  if (status === 404 && hop === 'stack')
    return [
      'stack',
      'the stack does not know the model',
      'Check global.models in the values: id and url must be those of the model service.',
    ];
  if (status >= 500 && hop === 'stack')
    return [
      'stack',
      'the stack can not use the model service from inside the cluster',
      "Check that pods reach maas-endpoint (DNS, egress), and read the stack's log below.",
    ];
  return [hop, 'the stack reports an error', "Read the stack's log below."];
}
