import { createOpenAi } from './adapters/openai.js';
import { createLog } from './adapters/runner.js';
import { createWeb } from './adapters/web.js';
import { assertStack } from './assert/assert.js';
import { toFailure } from './errors.js';
import { Progress } from './progress.js';
import { newRecord, type RunRecord } from './report/record.js';

/**
 * The checks alone, against a stack that runs already: for the demo without docker, and for trying a check by hand.
 *
 * @param target URLs without /v1, and the model as `global.models` key and id
 */
export async function checkStack(target: {
  stackUrl: string;
  uiUrl?: string;
  modelKey: string;
  model: string;
}): Promise<RunRecord> {
  const log = createLog((text) => text);
  const signal = new AbortController().signal;
  const record = newRecord();
  const ports = {
    openAi: (to: Parameters<typeof createOpenAi>[0]) => createOpenAi(to, signal, (text) => text),
    web: createWeb(signal),
  };
  try {
    await assertStack(
      { ...target, uiUrl: target.uiUrl, rolledOut: Promise.resolve() },
      { ports, progress: new Progress(log), record, signal },
    );
  } catch (error) {
    record.failure = toFailure(error);
  }
  return record;
}
