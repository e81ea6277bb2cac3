import { describe, expect, it } from 'vitest';
import { assertStack, type AssertInputs, type Subject } from '../../src/assert/assert.js';
import { STACK_CHECKS, UI_CHECKS } from '../../src/assert/suite.js';
import { RunError } from '../../src/errors.js';
import type { ApiTarget, Web } from '../../src/ports.js';
import { Progress } from '../../src/progress.js';
import { newRecord } from '../../src/report/record.js';
import { alwaysSaying, contextFor, FakeStack, MODEL_ID, NO_LIMIT, type Route } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';
import { recordedLog } from '../helpers/memory.js';
import { FINISHED, shown } from '../helpers/streamlit.js';

const STACK_NAMES = STACK_CHECKS.map(({ name }) => name);
const UI_NAMES = UI_CHECKS.map(({ name }) => name);
const WEB: Web = {
  get: (url) => Promise.resolve({ status: 200, text: url.endsWith('health') ? 'ok' : '<html>' }),
  converse: () => Promise.resolve([shown(MODEL_ID), FINISHED]),
};

interface Case {
  stack?: Record<string, Route>;
  service?: Record<string, Route>;
  checks?: string[];
  subject?: Partial<Subject>;
  signal?: AbortSignal;
}

/** A run of the checks against a stack of which some routes are replaced, and all that comes of it. */
function assertion({ stack = {}, service = {}, checks, subject, signal = new AbortController().signal }: Case = {}) {
  const [api, log, record] = [new FakeStack(stack), recordedLog(), newRecord()];
  const targets: ApiTarget[] = [];
  const openAi = (target: ApiTarget) => {
    targets.push(target);
    return api;
  };
  const judged: Subject = {
    stackUrl: 'http://127.0.0.1:8321',
    uiUrl: 'http://127.0.0.1:8501',
    modelKey: 'maas',
    model: 'acme/chat-1.5',
    serviceWithin: () => contextFor(api, {}, new FakeStack(service)).service,
    rolledOut: Promise.resolve(),
    ...subject,
  };
  judged.rolledOut.catch(() => undefined);
  // as in a run: all inputs are handed over, of which some have names that checks know too
  const of = { model: 'as the user wrote it', chart: 'x' };
  const inputs: AssertInputs = { checks: checks ?? [...STACK_NAMES, ...UI_NAMES], minRecall: 0.9, parallel: 2, ...of };
  const progress = new Progress(log);
  const means = { ports: { openAi, web: WEB }, progress, record, signal, pace: NO_LIMIT };
  const verdicts = () => record.checks.map(({ name, verdict }) => `${name} ${verdict}`);
  return { api, log, record, progress, targets, verdicts, done: () => assertStack(judged, inputs, means) };
}
const deletions = (api: FakeStack) =>
  api.calls.filter(({ route }) => route.startsWith('DELETE /vector_stores/vs-')).length;

describe('a healthy stack', () => {
  it('passes all checks in their order, those of the UI last', async () => {
    const { done, verdicts, record, progress } = assertion();
    await done();
    expect(verdicts()).toEqual([...STACK_NAMES, ...UI_NAMES].map((name) => `${name} passed`));
    expect(record.model).toBe(MODEL_ID);
    expect(record.usage.length).toBeGreaterThan(5);
    expect(progress.stages.map(({ name }) => name)).toEqual(['readiness', 'checks', 'deletion', 'UI checks']);
  });

  it('is asked for the selected checks alone, also where what they need is left out', async () => {
    const { done, verdicts, api } = assertion({ checks: ['rag-chat', 'ui-health'] });
    await done();
    expect(verdicts()).toEqual(['rag-chat passed', 'ui-health passed']);
    expect(api.sent('STREAM /chat/completions')).toHaveLength(1);
  });

  it('passes without a user interface, whose checks are skipped', async () => {
    const { done, verdicts } = assertion({ subject: { uiUrl: undefined } });
    await done();
    expect(verdicts().slice(-2)).toEqual(['ui-health skipped', 'ui-session skipped']);
  });

  it('is called at its API with a deadline each for answers, files and deletion, and without a key', async () => {
    const { done, targets } = assertion({ checks: ['chat'] });
    await done();
    expect(new Set(targets.map(({ baseUrl, apiKey }) => `${baseUrl} ${apiKey}`))).toEqual(
      new Set(['http://127.0.0.1:8321/v1 none']),
    );
    expect(targets.map(({ timeoutMs }) => timeoutMs).sort()).toEqual([180_000, 5000, 60_000, 60_000]);
  });

  it('is left as it was: what the checks made is deleted', async () => {
    const { done, api, log } = assertion();
    await done();
    const made = api.sent('POST /vector_stores').length;
    const deleted = new Set(
      api.calls.map(({ route }) => route).filter((route) => /^DELETE \/vector_stores\/[^/]+$/.test(route)),
    );
    expect(deleted.size).toBe(made);
    expect(log.lines.join('\n')).not.toContain('could not be deleted');
  });

  it('tells of each check as it ends', async () => {
    const { done, log } = assertion({ checks: ['chat'] });
    await done();
    expect(log.lines.join('\n')).toMatch(/passed chat \(\d+\.\d s\): \w+/);
  });
});

describe('a stack with a fault', () => {
  const EMBEDDER = { 'POST /embeddings': failing(httpFailure(500, 'no weights', 'POST /embeddings')) };

  it('is red by its first failed check, after all others were judged; the UI is not', async () => {
    const { done, verdicts, api } = assertion({ stack: EMBEDDER });
    const failure = await failureOf(done);
    expect(failure.hop).toBe('embedder');
    expect(failure.message).toMatch(/^check embeddings: .*no weights/);
    expect(failure.fix).not.toBe('');
    expect(verdicts()).toContain('files blocked');
    expect(verdicts()).toContain('load passed');
    expect(verdicts().some((one) => one.startsWith('ui-'))).toBe(false);
    expect(api.sent('UPLOAD')).toEqual([]);
  });

  it('names what could not be deleted, and stays as red or green as it was', async () => {
    const { done, log } = assertion({ stack: { 'DELETE /vector_stores/vs-1': failing(httpFailure(500)) } });
    await done();
    expect(log.lines.join('\n')).toContain('could not be deleted: vector store');
  });

  it('is tidied where a check failed too', async () => {
    const { done, api } = assertion({ stack: alwaysSaying('Hello.'), service: alwaysSaying('Hello.') });
    await failureOf(done);
    expect(deletions(api)).toBeGreaterThan(0);
  });

  it('tries a call again where the transport broke', async () => {
    let calls = 0;
    const version = () => {
      if (++calls === 1) throw noAnswer('connection', 'ECONNRESET');
      return { version: '1' };
    };
    const { done, verdicts } = assertion({ stack: { 'GET /version': version }, checks: ['stack-models'] });
    await done();
    expect([calls, verdicts()]).toEqual([2, ['stack-models passed']]);
  });

  it('that refuses the key is red before any check, by whose fault it is', async () => {
    const refuse = { 'POST /chat/completions': failing(httpFailure(401, 'bad key')) };
    const [alone, both] = [assertion({ stack: refuse }), assertion({ stack: refuse, service: refuse })];
    expect((await failureOf(alone.done)).hop).toBe('stack');
    expect((await failureOf(both.done)).hop).toBe('model service');
    expect([...alone.record.checks, ...both.record.checks]).toEqual([]);
  });
});

describe('a run in which nothing could be judged', () => {
  it('is not green, and says why of each check', async () => {
    const { done, verdicts } = assertion({ checks: ['ui-health'], subject: { uiUrl: undefined } });
    const failure = await failureOf(done);
    expect(verdicts()).toEqual(['ui-health skipped']);
    expect(failure.hop).toBe('inputs');
    expect(failure.message).toMatch(/^none of the chosen checks could be judged \(ui-health: the chart has no Service/);
    expect(failure.fix).toContain('checks');
  });
});

describe('the rollout', () => {
  const BROKEN = new RunError('cluster', 'a pod can not start', 'x');

  it('that breaks ends the checks with its error', async () => {
    const { done } = assertion({ subject: { rolledOut: Promise.reject(BROKEN) } });
    expect(await failureOf(done)).toBe(BROKEN);
  });

  it('is awaited before the checks of the UI', async () => {
    let end: () => void = () => expect.fail('it is not set');
    const rolledOut = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { done, verdicts } = assertion({ checks: ['chat', 'ui-health'], subject: { rolledOut } });
    const ended = done();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(verdicts()).toEqual(['chat passed']);
    end();
    await ended;
    expect(verdicts()).toEqual(['chat passed', 'ui-health passed']);
  });
});

it('a run that was cancelled ends with its reason, and deletes nothing more', async () => {
  const end = new AbortController();
  const reason = new RunError('run', 'the job was cancelled', 'x');
  const cancel = () => {
    end.abort(reason);
    throw noAnswer('connection');
  };
  const { done, api, verdicts } = assertion({
    stack: { 'POST /vector_stores/vs-1/search': cancel },
    checks: ['embeddings', 'files', 'chat'],
    signal: end.signal,
  });
  expect(await failureOf(done)).toBe(reason);
  expect(api.sent('POST /vector_stores')).toHaveLength(1);
  expect(deletions(api)).toBe(0);
  expect(verdicts()).toEqual(['chat passed', 'embeddings passed']);
});
