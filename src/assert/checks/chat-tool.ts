import { quoted, type Completion } from '../../maas/answers.js';
import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { askFeature } from '../ask.js';
import type { Check } from '../check.js';
import { saysInJson } from '../matchers.js';

const NAME = 'report_word';
const TOOL = {
  type: 'function',
  function: {
    name: NAME,
    description: 'Reports a word.',
    parameters: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
  },
};

export const chatTool: Check = {
  name: 'chat-tool',
  hop: 'stack',
  proves:
    'A tool call is handed on both ways: the named tool is called, with arguments that are JSON and hold the random word.',
  cannot: 'That the model calls tools by itself when it should: rag-responses shows that for file_search.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const word = context.inventor.word();
    const completion = await askFeature(context, {
      name: 'a tool call',
      request: {
        ...asking(`Report the word ${word} with the tool.`),
        tools: [TOOL],
        tool_choice: { type: 'function', function: { name: NAME } },
      },
      wrong: (answer) => wrongCall(answer, word),
    });
    return { expected: `a call of ${NAME} with "${word}"`, got: described(completion) };
  },
};

function wrongCall(completion: Completion, word: string): string | undefined {
  const called = completion.toolCalls.some(({ name, arguments: given }) => name === NAME && saysInJson(given, word));
  return called ? undefined : `a forced call of ${NAME} with "${word}" gave ${described(completion)}`;
}

function described(completion: Completion): string {
  const calls = completion.toolCalls.map(({ name, arguments: given }) => `${name}(${given})`);
  return oneLine(calls.join('; ') || `no call, but ${quoted(completion)}`);
}
