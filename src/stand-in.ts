import { randomBytes } from 'node:crypto';
import { RunError } from './errors.js';
import { createExtractiveService } from './extractive/service.js';
import type { Job } from './job.js';
import { bridgeAddress } from './provision/bridge.js';

/** Id of the model where the input names none. */
const MODEL = 'stand-in';

/** Nobody pays for what it answers. */
const FREE = { price: '', 'token-budget': '', 'request-budget': '', 'cost-budget': '', 'on-budget': 'warn' };

/**
 * Runs with the embedded extractive model service in place of the real one. Everything is deployed and every check is run: all
 * but the model is proven. It answers with a sentence of the context that it is given, so that a retrieval that is broken is
 * still noticed. Its key is made for this run and opens nothing else.
 *
 * @throws RunError of the run; where there is no address of this machine that pods reach
 */
export async function onStandIn(job: Job, because: string, runOn: (job: Job) => Promise<void>): Promise<void> {
  const { ports, record, progress } = job;
  record.standIn = because;
  const apiKey = `stand-in-${randomBytes(16).toString('hex')}`;
  const model = job.raw.model || MODEL;
  ports.runner.mask(apiKey);
  const host = await bridgeAddress(ports.commands);
  const { port, close } = await ports.serve(createExtractiveService({ apiKey, model }), host, 0).catch(unreachable);
  const address = `http://${host}:${port}/v1`;
  progress.say('plan', `${because}: the embedded model service at ${address} stands in for the real one`);
  try {
    await runOn({ ...job, raw: { ...job.raw, ...FREE, 'maas-endpoint': address, 'api-key': apiKey, model } });
  } finally {
    await close();
  }
}

function unreachable(error: unknown): never {
  throw new RunError(
    'E_DOCKER',
    'cluster',
    `the embedded model service can not listen where pods reach it: ${(error as Error).message}`,
    'Use a runner whose docker engine runs on the same machine.',
    { cause: error },
  );
}
