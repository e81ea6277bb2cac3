import type { ErrorCode } from '../../error-codes.js';
import { RunError, type Hop } from '../../errors.js';
import { isRateLimit, type ApiFailure } from '../../maas/failure.js';

interface Meaning {
  code: ErrorCode;
  when: (failure: ApiFailure, status: number, hop: Hop) => boolean;
  /** The hop to blame; the one that the call was about where left out. */
  hop?: Hop;
  what: string;
  fix: string;
}

/** Calls that the stack hands on to the model service. */
const ASKS_THE_SERVICE = /\/(chat\/completions|responses|embeddings)\b/;

/** The first that fits. The stack hands on what the model service said under other statuses: the text counts too. */
const MEANINGS: Meaning[] = [
  {
    code: 'E_RATE_LIMITED',
    when: isRateLimit,
    hop: 'model service',
    what: 'the model service limits the rate',
    fix: "Set requests-per-minute to the service's limit, ask for a higher one, or run fewer jobs at a time.",
  },
  {
    code: 'E_STACK_UNREACHABLE',
    when: ({ kind }) => kind === 'connection',
    hop: 'stack',
    what: 'the stack does not answer',
    fix: "Read the stack's log below: it has ended or is overloaded.",
  },
  {
    code: 'E_STACK_TIMEOUT',
    when: ({ kind }) => kind === 'timeout',
    what: 'the stack does not answer in time',
    fix: "Read the stack's log below: what it waits for hangs or is slow.",
  },
  {
    code: 'E_STACK_FORM',
    when: ({ kind }) => kind === 'shape',
    what: 'the stack answers in an unknown form',
    fix: 'Check that the service on port 8321 is a Llama Stack (OGX) server of version 0.2 or newer.',
  },
  {
    code: 'E_STACK_AUTH',
    when: ({ call, status }) => (status === 401 || status === 403) && !ASKS_THE_SERVICE.test(call),
    hop: 'stack',
    what: 'the stack itself asks for authentication',
    fix: 'Switch it off for the end-to-end values: this action sends no key of the stack.',
  },
  {
    code: 'E_STACK_KEY',
    when: ({ detail }, status) =>
      status === 401 || status === 403 || (status >= 500 && /unauthori[sz]ed|authentication/i.test(detail)),
    hop: 'stack',
    what: 'the model service refuses the key that the stack sends',
    fix: 'The chart does not hand the key to the stack: llama-stack.secrets must reach its environment, or the values overwrite it.',
  },
  {
    code: 'E_STREAM_CUT',
    when: ({ kind }) => kind === 'stream',
    hop: 'model service',
    what: 'the streamed answer broke off',
    fix: 'Look at the model service, and at proxies before it that end long answers.',
  },
  {
    code: 'E_STACK_STATE_LOST',
    when: ({ detail }, status) => (status === 400 || status === 404) && /vector.?store .*not found/i.test(detail),
    hop: 'stack',
    what: 'the stack no longer knows a vector store that it made: it was restarted and has lost its state',
    fix: "Keep the stack's state on a volume (its stores and files), and read in its log why it was restarted.",
  },
  {
    code: 'E_STACK_MODEL',
    when: ({ detail }, status, hop) => hop === 'stack' && status === 404 && /model/i.test(detail),
    what: 'the stack does not know the model',
    fix: 'Check global.models in the values: id and url must be those of the model service.',
  },
  {
    code: 'E_STACK_TO_SERVICE',
    when: ({ call }, status, hop) => hop === 'stack' && status >= 500 && ASKS_THE_SERVICE.test(call),
    what: 'the stack can not use the model service from inside the cluster',
    fix: "Check that pods reach maas-endpoint (DNS, egress), and read the stack's log below; where earlier calls passed, the service may have failed for a moment.",
  },
  {
    code: 'E_VECTOR_STORE',
    when: (_, status, hop) => hop === 'vector store' && status >= 500,
    what: 'the stack can not use its vector store',
    fix: 'Check that the vector database runs (pods, replicas) and that the stack reaches it; restart the stack after the database was away.',
  },
  {
    code: 'E_EMBEDDING',
    when: (_, status, hop) => hop === 'embedder' && status >= 500,
    what: 'the stack can not use its embedding model',
    fix: "Read the stack's log below: it loads the model at the first use, and downloads it where it does not have it.",
  },
  { code: 'E_STACK_ERROR', when: () => true, what: 'the stack reports an error', fix: "Read the stack's log below." },
];

/**
 * What a failed call to the stack means. The model service was asked directly before, with the same key: what only
 * fails through the stack is a matter of how the stack is wired to it.
 *
 * @param hop the part that the call was about
 */
export function stackError(failure: ApiFailure, hop: Hop): RunError {
  const meaning = MEANINGS.find(({ when }) => when(failure, failure.status ?? 0, hop));
  const what = meaning?.what ?? 'the stack reports an error';
  return new RunError(
    meaning?.code ?? 'E_STACK_ERROR',
    meaning?.hop ?? hop,
    `${what}: ${failure.message}`,
    meaning?.fix ?? '',
    { cause: failure },
  );
}
