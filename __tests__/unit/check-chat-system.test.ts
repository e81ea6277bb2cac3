import { expect, it } from 'vitest';
import { chatSystem } from '../../src/assert/checks/chat-system.js';
import { alwaysSaying, runCheck } from '../helpers/fake-stack.js';
import { failureOf } from '../helpers/failures.js';
import { isJudgedAsFeature } from '../helpers/feature.js';
import { trial, WORD } from '../helpers/trial.js';

isJudgedAsFeature(chatSystem, 'a system instruction', alwaysSaying('OK'), 'drops system messages');

it('passes where the answer has the word that only the system message asks for', async () => {
  const { api, done } = trial(chatSystem);
  expect(await done()).toEqual({ expected: `an answer with "${WORD}"`, got: `OK ${WORD}` });
  expect(api.sent('POST /chat/completions')).toMatchObject([
    {
      messages: [
        { role: 'system', content: `End every answer with the word "${WORD}".` },
        { role: 'user', content: 'Reply with OK' },
      ],
    },
  ]);
});

it('passes with punctuation after the word', async () => {
  expect((await runCheck(chatSystem, alwaysSaying(`OK. **${WORD}**.`))).got).toBe(`OK. **${WORD}**.`);
});

it('a service that drops it is to blame, and told what came', async () => {
  const failure = await failureOf(() => runCheck(chatSystem, alwaysSaying('OK'), alwaysSaying('OK')));
  expect([failure.code, failure.hop]).toEqual(['E_WRONG_ANSWER', 'model service']);
  expect(failure.message).toBe(`a system instruction to end with "${WORD}" gave "OK"`);
});

it.each(['', 'OK', `OK ${WORD}s`])('the answer %j did not heed it', async (said) => {
  const failure = await failureOf(() => runCheck(chatSystem, alwaysSaying(said)));
  expect([failure.code, failure.hop]).toEqual(['E_STACK_CHANGES', 'stack']);
  expect(failure.message).toContain(
    `a system instruction to end with "${WORD}" gave ${said ? `"${said}"` : 'nothing (finish_reason "stop")'}`,
  );
});
