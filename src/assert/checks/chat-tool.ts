import type { Completion } from '../../maas/answers.js';
import { asking } from '../../maas/chat.js';
import { oneLine } from '../../maas/failure.js';
import { askFeature } from '../ask.js';
import type { Check } from '../check.js';
import { isJsonObject } from './chat-json.js';

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
  proves: 'A tool call is handed on both ways: the named tool is called, with arguments that are JSON.',
  cannot: 'That the model calls tools by itself when it should: rag-responses shows that for file_search.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const completion = await askFeature(context, 'a tool call', {
      request: {
        ...asking(`Report the word ${context.inventor.word()} with the tool.`),
        tools: [TOOL],
        tool_choice: { type: 'function', function: { name: NAME } },
      },
      wrong,
    });
    return { expected: `a call of ${NAME}`, got: described(completion) };
  },
};

function wrong(completion: Completion): string | undefined {
  const called = completion.toolCalls.some(({ name, arguments: given }) => name === NAME && isJsonObject(given));
  return called ? undefined : `a forced call of ${NAME} gave ${described(completion)}`;
}

function described({ toolCalls, text }: Completion): string {
  const calls = toolCalls.map(({ name, arguments: given }) => `${name}(${given})`);
  return oneLine(calls.join('; ') || `no call, but "${text}"`);
}
