import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/assert/check.js';
import { uiSession } from '../../src/assert/checks/ui-session.js';
import { isFinished } from '../../src/assert/streamlit.js';
import type { Web } from '../../src/ports.js';
import { MODEL_ID, type Route } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { ALERT, alert, exception, FINISHED, numeric, shown } from '../helpers/streamlit.js';
import { judgedWithoutModel, notApplicable, trial } from '../helpers/trial.js';

/** A visit of a page that answers these messages. */
function visit(
  messages: Uint8Array[] | Error,
  uiUrl: string | undefined = 'http://127.0.0.1:30083',
  first: Uint8Array[] | Error = messages,
) {
  const opened: Parameters<Web['converse']>[] = [];
  const converse: Web['converse'] = (...call) => {
    opened.push(call);
    const answer = opened.length === 1 ? first : messages;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const web: Web = { get: () => Promise.reject(new Error('no page is fetched')), converse };
  const { done } = trial(uiSession, { over: { uiUrl, web } });
  const basic = (stack: Record<string, Route> = {}) => judgedWithoutModel(uiSession, stack, { uiUrl, web });
  return { opened, done: (): Promise<Evidence> => done(), basic };
}

it('passes where the first page runs to its end and shows the model', async () => {
  const { opened, done } = visit([shown('Welcome'), shown(`Model: ${MODEL_ID}`), FINISHED]);
  expect(await done()).toEqual({ expected: `a page that shows ${MODEL_ID}`, got: `3 messages, with ${MODEL_ID}` });
  const [[url, first, isLast] = []] = opened;
  expect(url).toBe('ws://127.0.0.1:30083/_stcore/stream');
  expect(first).toEqual(Uint8Array.of(0x5a, 0));
  expect(isLast).toBe(isFinished);
});

it('goes by wss where the page does', async () => {
  const { opened, done } = visit([FINISHED], 'https://ui.example.com');
  await done();
  expect(opened[0]?.[0]).toBe('wss://ui.example.com/_stcore/stream');
});

it.each([
  ['a page without the model', [shown('Welcome'), FINISHED]],
  ['a page with a longer name', [shown('maas/acme/chat-1.'), FINISHED]],
  ['a page that only warns', [alert('no documents yet', ALERT.warning), FINISHED]],
])('warns of %s: whether it reaches the stack is not known', async (_, messages) => {
  const { got, warning } = await visit(messages).done();
  expect(got).toBe(`${messages.length} messages, without it`);
  expect(warning).toContain(`shows neither ${MODEL_ID} nor an error`);
});

describe('where no model is tested', () => {
  it.each([MODEL_ID, 'st/nomic'])('passes where the page shows any that the stack lists: %s', async (id) => {
    const { verdict, evidence } = await visit([shown(`Model: ${id}`), FINISHED]).basic();
    expect([verdict, evidence]).toEqual([
      'passed',
      { expected: `a page that shows ${id}`, got: `2 messages, with ${id}` },
    ]);
  });

  it('warns where it shows none of them', async () => {
    const { verdict, evidence } = await visit([shown('Welcome'), FINISHED]).basic();
    expect([verdict, evidence?.got]).toEqual(['warned', '2 messages, without it']);
    expect(evidence?.warning).toContain(`shows neither ${MODEL_ID} nor an error`);
  });

  it('warns where there is none to show', async () => {
    const { verdict, evidence } = await visit([shown('Welcome'), FINISHED]).basic({
      'GET /models': () => ({ data: [] }),
    });
    expect([verdict, evidence?.expected]).toEqual(['warned', 'a page that shows a model']);
    expect(evidence?.warning).toContain('shows neither a model nor an error');
  });

  it('fails by an error', async () => {
    const broken = await visit([alert('Could not load the models'), FINISHED]).basic();
    expect(broken).toMatchObject({ verdict: 'failed', code: 'E_UI', hop: 'UI' });
  });
});

it.each([
  ['an exception', exception('APIConnectionError', 'Connection\nerror.'), 'APIConnectionError: Connection error.'],
  ['an error box', alert('Could not load the models'), 'Could not load the models'],
])('%s is blamed on the UI, even where the page shows the model', async (_, error, told) => {
  const failure = await failureOf(visit([shown(MODEL_ID), error, FINISHED]).done);
  expect([failure.code, failure.hop]).toEqual(['E_UI', 'UI']);
  expect(failure.message).toBe(`the first page of the user interface shows an error: ${told}`);
  expect(failure.fix).toContain('LLAMA_STACK_ENDPOINT');
});

it('is visited again where the page can not connect yet, and blamed where that lasts', async () => {
  const refused = [alert('Connection error.'), FINISHED];
  const late = visit([shown(MODEL_ID), FINISHED], undefined, refused);
  expect((await late.done()).got).toBe(`2 messages, with ${MODEL_ID}`);
  expect(late.opened).toHaveLength(2);
  const lasting = visit(refused);
  expect((await failureOf(lasting.done)).message).toContain('Connection error.');
  expect(lasting.opened).toHaveLength(3);
});

it('a script that does not compile is blamed on the UI: Streamlit tells of it after the end of the page', async () => {
  const failure = await failureOf(visit([shown(MODEL_ID), numeric(6, 1)]).done);
  expect([failure.code, failure.hop]).toEqual(['E_UI', 'UI']);
});

it('a session that does not open or end is blamed on the UI', async () => {
  const closed = new Error('closed with code 1006 before the end');
  const failure = await failureOf(visit(closed).done);
  expect([failure.code, failure.hop]).toEqual(['E_UI', 'UI']);
  expect(failure.message).toBe(
    'the user interface does not run its page over its WebSocket: closed with code 1006 before the end',
  );
  expect(failure.fix).toContain('WebSockets');
  expect(failure.cause).toBe(closed);
});

it('a chart without a user interface is not judged', async () => {
  expect(await notApplicable(visit([], '').done)).toContain('no Service on port 8501');
});
