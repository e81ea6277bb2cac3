import { RunError } from '../errors.js';
import { quoted, type Completion } from '../maas/answers.js';
import { ask } from './ask.js';
import type { CheckContext } from './check.js';
import type { Fact } from './corpus/facts.js';
import { says } from './matchers.js';
import { mustFind } from './search.js';
import type { Hit } from './stack/readings.js';

const SYSTEM = 'You are a helpful assistant. If the context does not hold the answer, say that you do not know.';

/**
 * A question answered the way the UI's direct chat does it: search, a CONTEXT/QUERY prompt, a streamed chat.
 *
 * @param wrong what is wrong with an answer; an empty one always is
 * @throws RunError of the vector store where the search does not bring the fact; else of who answers wrongly
 */
export async function answerFromStore(
  context: CheckContext,
  fact: Fact,
  wrong: (said: string) => string | undefined,
): Promise<Completion> {
  const hits = await mustFind(context, fact.question, 5);
  if (!hits.some(({ text }) => says(text, fact.answer)))
    throw new RunError(
      'E_RETRIEVAL',
      'vector store',
      `the search for "${fact.question}" no longer brings ${fact.answer}`,
      'The vector store loses what it held: check that the database keeps running.',
    );
  return await answerFrom(context, hits, fact.question, wrong);
}

/** An answer from these chunks. */
export async function answerFrom(
  context: CheckContext,
  hits: Hit[],
  question: string,
  wrong: (said: string) => string | undefined,
  fix = 'Use a model that can read a context of this length.',
): Promise<Completion> {
  const given = hits.map(({ fileName, text }) => `[Source: ${fileName}]: ${text}`).join('\n\n');
  const prompt = `Please answer the following query using the context below.\n\nCONTEXT:\n${given}\n\nQUERY:\n${question}`;
  return await ask(context, {
    request: {
      messages: [
        { role: 'system', content: SYSTEM },
        { role: 'user', content: prompt },
      ],
    },
    by: 'completeStreamed',
    wrong: (answer) => (answer.text ? wrong(answer.text) : `the answer to "${question}" is ${quoted(answer)}`),
    fix,
  });
}
