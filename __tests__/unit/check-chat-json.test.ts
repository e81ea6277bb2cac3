import { expect, it } from 'vitest';
import { chatJson } from '../../src/assert/checks/chat-json.js';
import { alwaysSaying, runCheck } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { isJudgedAsFeature } from '../helpers/feature.js';
import { trial, WORD } from '../helpers/trial.js';

isJudgedAsFeature(chatJson, 'JSON mode', alwaysSaying('Sure: {"answer": "it"}'));

it('passes with an object, asked for with the random word and in JSON mode', async () => {
  const { api, done } = trial(chatJson);
  expect(await done()).toEqual({ expected: `a JSON object with "${WORD}"`, got: JSON.stringify({ answer: WORD }) });
  expect(api.sent('POST /chat/completions')).toMatchObject([
    {
      messages: [{ role: 'user', content: `Reply with "${WORD}", as a JSON object with the member answer.` }],
      response_format: { type: 'json_object' },
    },
  ]);
});

it('passes with an object that is written over lines, and shows it on one', async () => {
  const said = `{\n  "answer": "${WORD}"\n}`;
  expect((await runCheck(chatJson, alwaysSaying(said))).got).toBe(`{ "answer": "${WORD}" }`);
});

it.each([`{"word":"${WORD}"}`, `{"answer":{"said":["${WORD}"]}}`, `{"answer":"${WORD.toUpperCase()}."}`])(
  'passes with the word anywhere in the object: %s',
  async (said) => {
    expect((await runCheck(chatJson, alwaysSaying(said))).got).toBe(said);
  },
);

it.each([
  '',
  '[]',
  `["${WORD}"]`,
  `"${WORD}"`,
  '42',
  'null',
  WORD,
  `{"answer":"${WORD}"`,
  `\`\`\`json\n{"answer":"${WORD}"}\n\`\`\``,
  `Sure: {"answer":"${WORD}"}`,
])('the answer %j is no JSON object', async (said) => {
  const failure = await failureOf(() => runCheck(chatJson, alwaysSaying(said)));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  const shown = said ? `"${said.replace(/\s+/g, ' ')}"` : 'nothing (finish_reason "stop")';
  expect(failure.message).toContain(`JSON mode gave no JSON object with "${WORD}", but ${shown}`);
});

it.each(['{}', '{"answer":""}', `{"answer":"${WORD}s"}`, `{"answer":"${WORD.slice(1)}"}`])(
  'the object %s does not have the word, and may be one for another question',
  async (said) => {
    const failure = await failureOf(() => runCheck(chatJson, alwaysSaying(said)));
    expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
    expect(failure.message).toContain(`JSON mode gave no JSON object with "${WORD}", but "${said}"; asked directly`);
  },
);
