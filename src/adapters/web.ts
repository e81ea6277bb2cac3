import { codeOf } from './cause.js';
import type { Web } from '../ports.js';

/** Characters kept of an answer. */
const MOST = 64 * 1024;

export function createWeb(runSignal: AbortSignal): Web {
  return {
    get: async (url) => {
      const signal = AbortSignal.any([runSignal, AbortSignal.timeout(10_000)]);
      try {
        const response = await fetch(url, { redirect: 'manual', signal });
        return { status: response.status, text: (await response.text()).slice(0, MOST) };
      } catch (error) {
        runSignal.throwIfAborted();
        throw new Error(codeOf(error), { cause: error });
      }
    },
  };
}
