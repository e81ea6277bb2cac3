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
  expect(await done()).toEqual({
    expected: `a call of report_word with "${WORD}"`,
    got: `report_word({"query":"Report the word ${WORD} with the tool."})`,
  });
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
    { name: 'report_word', arguments: `{"word":"${WORD}"}` },
  ];
  expect((await runCheck(chatTool, calling(...calls))).got).toBe(`other(); report_word({"word":"${WORD}"})`);
});

it('a word in the text does not make up for arguments without it', async () => {
  const said = alwaysSaying(`I report ${WORD}.`);
  expect((await failureOf(() => runCheck(chatTool, said))).message).toContain(`gave no call, but "I report ${WORD}."`);
});

const GIVEN = `{"word":"${WORD}"}`;
it.each([
  ['no call', [], 'no call, but nothing (finish_reason "")'],
  ['another tool', [{ name: 'report', arguments: GIVEN }], `report(${GIVEN})`],
  ['no arguments', [{ name: 'report_word', arguments: '' }], 'report_word()'],
  [
    'arguments that are no JSON',
    [{ name: 'report_word', arguments: `{"word": ${WORD}` }],
    `report_word({"word": ${WORD})`,
  ],
  ['arguments that are no object', [{ name: 'report_word', arguments: `"${WORD}"` }], `report_word("${WORD}")`],
  ['arguments without the word', [{ name: 'report_word', arguments: '{}' }], 'report_word({})'],
  ['another word', [{ name: 'report_word', arguments: '{"word":"x"}' }], 'report_word({"word":"x"})'],
  ['a longer word', [{ name: 'report_word', arguments: `{"word":"${WORD}s"}` }], `report_word({"word":"${WORD}s"})`],
  [
    'the word in the arguments of another tool',
    [
      { name: 'other', arguments: GIVEN },
      { name: 'report_word', arguments: '{}' },
    ],
    `other(${GIVEN}); report_word({})`,
  ],
])('%s is no tool call', async (_, calls, described) => {
  const failure = await failureOf(() => runCheck(chatTool, calling(...calls)));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  expect(failure.message).toContain(`a forced call of report_word with "${WORD}" gave ${described}; asked directly`);
});
