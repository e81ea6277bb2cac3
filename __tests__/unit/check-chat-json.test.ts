import { expect, it } from 'vitest';
import { chatJson, isJsonObject } from '../../src/assert/checks/chat-json.js';
import { alwaysSaying, runCheck } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { isJudgedAsFeature } from '../helpers/feature.js';
import { trial, WORD } from '../helpers/trial.js';

isJudgedAsFeature(chatJson, 'JSON mode', alwaysSaying('Sure: {"answer": "it"}'));

it('passes with an object, asked for with the random word and in JSON mode', async () => {
  const { api, done } = trial(chatJson);
  expect(await done()).toEqual({ expected: 'a JSON object', got: JSON.stringify({ answer: WORD }) });
  const [body] = api.sent('POST /chat/completions');
  expect(body).toMatchObject({ response_format: { type: 'json_object' } });
  expect(JSON.stringify(body)).toContain(WORD);
});

it('passes with an object that is written over lines, and shows it on one', async () => {
  expect((await runCheck(chatJson, alwaysSaying('{\n  "word": "x"\n}'))).got).toBe('{ "word": "x" }');
});

it.each(['', '[]', '"word"', '42', 'null', 'not JSON', '{"answer":', '```json\n{}\n```'])(
  'the answer %j is no JSON object',
  async (said) => {
    const failure = await failureOf(() => runCheck(chatJson, alwaysSaying(said)));
    expect(failure.message).toContain(`JSON mode gave no JSON object: "${said.replace(/\s+/g, ' ')}"`);
    expect(isJsonObject(said)).toBe(false);
  },
);
