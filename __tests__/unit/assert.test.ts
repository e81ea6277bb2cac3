import { describe, expect, it, vi } from 'vitest';
import { RunError, toFailure } from '../../src/errors.js';
import { assertion, STACK_NAMES, UI_NAMES } from '../helpers/assertion.js';
import { useClock } from '../helpers/clock.js';
import { alwaysSaying, MODEL_ID, type FakeStack } from '../helpers/fake-stack.js';
import { failing, failureOf, httpFailure, noAnswer } from '../helpers/failures.js';

vi.mock('node:timers/promises', async () => (await import('../helpers/clock.js')).instantPauses);
useClock();

/** Checks that ask a healthy stack for nothing but vectors, which it makes by itself. */
const FREE = ['stack-models', 'embeddings', 'files', 'retrieval', 'metadata-filter', 'empty-store', 'deleted-file'];

const deletions = (api: FakeStack) =>
  api.calls.filter(({ route }) => route.startsWith('DELETE /vector_stores/vs-')).length;

describe('a healthy stack', () => {
  it('passes all checks in their order, those of the UI last', async () => {
    const { done, verdicts, record, progress } = assertion();
    await done();
    expect(verdicts()).toEqual([...STACK_NAMES, ...UI_NAMES].map((name) => `${name} passed`));
    expect(record.model).toBe(MODEL_ID);
    expect(record.spend.rows.map(({ check, hop }) => `${check} ${hop}`)).toEqual([
      'readiness stack',
      ...STACK_NAMES.filter((name) => !FREE.includes(name)).map((name) => `${name} stack`),
    ]);
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
    expect(targets.map(({ timeoutMs }) => timeoutMs).sort()).toEqual([
      180_000, 5000, 5000, 60_000, 60_000, 60_000, 60_000,
    ]);
  });

  it('is compared with the service itself, which has less time for whether it answers at all', async () => {
    const { done, deadlines } = assertion({ checks: ['chat'] });
    await done();
    expect(deadlines).toEqual([60_000, 20_000]);
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
    expect([failure.code, failure.hop]).toEqual(['E_EMBEDDING', 'embedder']);
    expect(failure.message).toMatch(/^check embeddings: .*no weights/);
    expect(toFailure(failure).chain).toEqual(['POST /embeddings: HTTP 500 (no weights)']);
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
    expect(Date.now()).toSatisfy((ms: number) => ms >= 250 && ms <= 500);
  });

  it('that refuses the key is red before any check, by whose fault it is', async () => {
    const refuse = { 'POST /chat/completions': failing(httpFailure(401, 'bad key')) };
    const [alone, both] = [assertion({ stack: refuse }), assertion({ stack: refuse, service: refuse })];
    expect(await failureOf(alone.done)).toMatchObject({ code: 'E_STACK_KEY', hop: 'stack' });
    expect(await failureOf(both.done)).toMatchObject({ code: 'E_AUTH', hop: 'model service' });
    expect([...alone.record.checks, ...both.record.checks]).toEqual([]);
  });
});

describe('a run in which nothing could be judged', () => {
  it('is not green, and says why of each check', async () => {
    const { done, verdicts } = assertion({ checks: ['ui-health'], subject: { uiUrl: undefined } });
    const failure = await failureOf(done);
    expect(verdicts()).toEqual(['ui-health skipped']);
    expect([failure.code, failure.hop]).toEqual(['E_NOTHING_JUDGED', 'inputs']);
    expect(failure.message).toMatch(/^none of the chosen checks could be judged \(ui-health: the chart has no Service/);
    expect(failure.fix).toContain('checks');
  });
});

describe('the rollout', () => {
  const BROKEN = new RunError('E_UNEXPECTED', 'cluster', 'a pod can not start', 'x');

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
  const reason = new RunError('E_UNEXPECTED', 'run', 'the job was cancelled', 'x');
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
