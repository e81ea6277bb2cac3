import { oneLine } from '../../maas/failure.js';
import type { Check } from '../check.js';
import { revise } from '../corpus/corpus.js';
import { says } from '../matchers.js';
import { answerFromStore } from '../rag.js';

export const counterfactual: Check = {
  name: 'counterfactual',
  hop: 'model service',
  proves: 'When the fact is changed in the document and the document uploaded again, the answer follows.',
  cannot: 'That old versions are found out where they are not taken out of the store.',
  needs: ['rag-chat', 'deleted-file'],
  asksModel: true,
  run: async (context) => {
    const { stores, storeId, fileIds } = await context.indexed();
    const { first } = context.corpus;
    const { file, question: changed } = revise(context.corpus, context.inventor.number());
    await stores.remove(storeId, fileIds.get(first.fileName) ?? '');
    fileIds.set(first.fileName, await stores.add(storeId, file, file.attachment));
    const { text } = await answerFromStore(context, changed, (said) => {
      if (says(said, first.answer))
        return `the document now says ${changed.answer}, and the answer is still ${first.answer}: "${oneLine(said)}"`;
      return says(said, changed.answer)
        ? undefined
        : `the answer to "${changed.question}" is "${oneLine(said)}", without ${changed.answer}`;
    });
    return { expected: `${changed.answer} in place of ${first.answer}`, got: oneLine(text) };
  },
};
