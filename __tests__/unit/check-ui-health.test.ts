import { expect, it } from 'vitest';
import { NotApplicable, type Evidence } from '../../src/assert/check.js';
import { uiHealth } from '../../src/assert/checks/ui-health.js';
import { contextFor, FakeStack } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';

const UI = 'http://127.0.0.1:30083';
const PAGE = '<!doctype html><HTML lang="en"></HTML>';

type Answer = { status: number; text: string } | Error;

function judge(health: Answer, page: Answer): Promise<Evidence> {
  const answers: Record<string, Answer> = { [`${UI}/_stcore/health`]: health, [`${UI}/`]: page };
  const get = (url: string) => {
    const answer = answers[url] ?? new Error(`nothing at ${url}`);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const converse = () => Promise.reject(new Error('no session is opened'));
  return uiHealth.run(contextFor(new FakeStack(), { uiUrl: UI, web: { get, converse } }));
}
const ok = (text: string) => ({ status: 200, text });

it('passes where its health and its page answer', async () => {
  expect(await judge(ok('ok\n'), ok(PAGE))).toEqual({
    expected: 'health 200 and a page',
    got: `health 200 (ok), a page of ${PAGE.length} characters`,
  });
});

it.each<[string, Answer, Answer, RegExp]>([
  ['a health that is red', { status: 503, text: 'starting' }, ok(PAGE), /health is HTTP 503$/],
  ['a health that does not answer', new Error('ECONNREFUSED'), ok(PAGE), /answer \/_stcore\/health: ECONNREFUSED$/],
  ['a page that is an error', ok('ok'), { status: 500, text: PAGE }, /page is HTTP 500/],
  ['a page that is no HTML', ok('ok'), ok('{}'), /page is HTTP 200 and no HTML/],
  ['a page that does not answer', ok('ok'), new Error('timeout'), /does not answer \/: timeout$/],
])('%s is blamed on the UI', async (_, health, page, message) => {
  const failure = await failureOf(() => judge(health, page));
  expect([failure.code, failure.hop]).toEqual(['E_UI', 'UI']);
  expect(failure.message).toMatch(message);
  expect(failure.fix).toContain('LLAMA_STACK_ENDPOINT');
});

it('a chart without a user interface is not judged', async () => {
  await expect(uiHealth.run(contextFor(new FakeStack()))).rejects.toThrow(NotApplicable);
});
