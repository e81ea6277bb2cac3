// Everything that a job has on its disk, looked at while it runs and when it rests. The work is done by a thread, which
// must not hold up the servers of the audit.
import { Worker } from 'node:worker_threads';
import { URL } from 'node:url';

/**
 * @param places folders by the names that findings call them; `temp` is the one of them that is RUNNER_TEMP
 * @param except paths that have a channel of their own
 */
export async function startFileWatcher({ key, places, temp, except }) {
  const worker = new Worker(new URL('./files-worker.mjs', import.meta.url), {
    workerData: { key, places, temp, except },
  });
  const ask = async (what) => {
    const answer = new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    worker.postMessage(what);
    return await answer;
  };
  return {
    /** Begins to look at each moment. */
    watch: () => ask('watch'),
    /** Main or post has ended: looks at all of it, also at what is large. */
    atRest: (when) => ask(when),
    /** What was found: { scanned, bytes, findings, looks }. */
    stop: () => ask('stop'),
  };
}
