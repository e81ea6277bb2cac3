import type { Web } from '../ports.js';

/** Characters kept of an answer. */
const MOST = 64 * 1024;

export function createWeb(runSignal: AbortSignal): Web {
  return {
    get: async (url) => {
      const response = await fetch(url, {
        redirect: 'manual',
        signal: AbortSignal.any([runSignal, AbortSignal.timeout(10_000)]),
      });
      return { status: response.status, text: (await response.text()).slice(0, MOST) };
    },
  };
}
