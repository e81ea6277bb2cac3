import { RunError } from '../../errors.js';
import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';
import { declines, says } from '../matchers.js';
import { answerFrom } from '../rag.js';
import { mustFind } from '../search.js';

export const unanswerable: Check = {
  name: 'unanswerable',
  hop: 'model service',
  proves:
    'Asked about a name that no document holds, with chunks about others before it, the model takes no value from them.',
  cannot: 'That the model invents nothing else.',
  needs: ['rag-chat'],
  asksModel: true,
  run: async (context) => {
    const { corpus } = context;
    const { question, name } = corpus.unanswerable;
    const hits = await mustFind(context, question, 5);
    if (hits.some(({ text }) => says(text, name)))
      throw new RunError(
        'E_RETRIEVAL',
        'vector store',
        `a chunk holds ${name}, which no document does`,
        'Check what fills the store.',
      );
    const planted = corpus.planted.filter((value) => hits.some(({ text }) => says(text, value)));
    if (planted.length === 0)
      throw new RunError(
        'E_RETRIEVAL',
        'vector store',
        `none of ${hits.length} chunks holds a number of the documents, so there is nothing to be taken from them`,
        'Check what the vector store keeps of a chunk.',
      );
    const { text } = await answerFrom(
      context,
      hits,
      question,
      (said) => {
        const taken = planted.find((value) => says(said, value));
        // an honest answer may tell whose number it found instead
        if (taken === undefined || declines(said)) return undefined;
        return `asked about ${name}, which no document holds, the model says ${taken}: "${oneLine(said)}"`;
      },
      'Use a model that tells one name from another, and says so when it does not know.',
    );
    return { expected: `no value of another: none of ${planted.join(', ')}`, got: oneLine(text) || '(empty)' };
  },
};
