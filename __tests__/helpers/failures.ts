import { RunError } from '../../src/errors.js';
import { ApiFailure } from '../../src/maas/failure.js';

/** The RunError that work ends with. Anything else, or nothing, fails the test. */
export async function failureOf(work: () => unknown): Promise<RunError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RunError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** A call that the server answered with a status. */
export function httpFailure(status: number, detail = '', call = 'POST /chat/completions'): ApiFailure {
  return new ApiFailure('status', call, detail, { status });
}

/** A call without any answer. */
export function noAnswer(kind: 'connection' | 'timeout', detail = ''): ApiFailure {
  return new ApiFailure(kind, 'GET /models', detail);
}

/** A route that fails. */
export function failing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

/** A route that fails once, and then answers. */
export function failingOnce(error: unknown, answer: unknown): () => unknown {
  let failed = false;
  return () => {
    if (failed) return answer;
    failed = true;
    throw error;
  };
}
