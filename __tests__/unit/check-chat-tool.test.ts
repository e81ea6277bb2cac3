import { expect, it } from 'vitest';
import { chatTool } from '../../src/assert/checks/chat-tool.js';
import { alwaysSaying, runCheck } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { isJudgedAsFeature } from '../helpers/feature.js';
import { trial, WORD } from '../helpers/trial.js';

const CHAT = 'POST /chat/completions';
const calling = (...calls: object[]) => ({
  [CHAT]: () => ({
    choices: [{ message: { content: null, tool_calls: calls.map((call) => ({ function: call })) } }],
  }),
});

isJudgedAsFeature(chatTool, 'a tool call', alwaysSaying('I report it.'));

it('passes where the named tool is called with JSON, asked for with the random word', async () => {
  const { api, done } = trial(chatTool);
  expect(await done()).toEqual({ expected: 'a call of report_word', got: 'report_word({"query":"it"})' });
  expect(api.sent(CHAT)).toMatchObject([
    {
      messages: [{ role: 'user', content: `Report the word ${WORD} with the tool.` }],
      tools: [{ type: 'function', function: { name: 'report_word' } }],
      tool_choice: { type: 'function', function: { name: 'report_word' } },
    },
  ]);
});

it('passes where the tool is one of several calls', async () => {
  const calls = [
    { name: 'other', arguments: '' },
    { name: 'report_word', arguments: '{}' },
  ];
  expect((await runCheck(chatTool, calling(...calls))).got).toBe('other(); report_word({})');
});

it.each([
  ['no call', [], 'no call, but ""'],
  ['another tool', [{ name: 'report', arguments: '{}' }], 'report({})'],
  ['no arguments', [{ name: 'report_word', arguments: '' }], 'report_word()'],
  ['arguments that are no JSON', [{ name: 'report_word', arguments: '{"word": ' }], 'report_word({"word": )'],
  ['arguments that are no object', [{ name: 'report_word', arguments: '"x"' }], 'report_word("x")'],
])('%s is no tool call', async (_, calls, described) => {
  const failure = await failureOf(() => runCheck(chatTool, calling(...calls)));
  expect(failure.hop).toBe('stack');
  expect(failure.message).toContain(`a forced call of report_word gave ${described}; asked directly`);
});
