// Command lines and environments of the processes that a step starts, sampled by a thread of its own: what a process is
// given can be read by every user of a machine, for as long as it runs.
import { Worker } from 'node:worker_threads';
import { URL } from 'node:url';

/** Starts to look. `follow(pid)` names a step process: its descendants are the action's. */
export async function startProcessSampler(key) {
  const worker = new Worker(new URL('./processes-worker.mjs', import.meta.url), { workerData: { key } });
  const message = () =>
    new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  await message(); // it looks
  return {
    follow: (pid) => worker.postMessage({ follow: pid }),
    stop: async () => {
      const result = message();
      worker.postMessage({ stop: true });
      return await result;
    },
  };
}
