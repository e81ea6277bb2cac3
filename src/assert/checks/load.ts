import { quoted } from '../../maas/answers.js';
import { asking } from '../../maas/chat.js';
import { seconds } from '../../progress.js';
import { BudgetSpent } from '../../spend/meter.js';
import { ask } from '../ask.js';
import type { Check, CheckContext } from '../check.js';
import { says } from '../matchers.js';
import { percentile } from '../measures.js';

/** Questions for each of the parallel askers. */
const ROUNDS = 2;

export const load: Check = {
  name: 'load',
  hop: 'model service',
  proves: 'Questions asked in parallel, within requests-per-minute, are all answered, and each gets its own answer.',
  cannot: 'What the service bears: it is a small load, and latencies of one short run.',
  needs: ['chat'],
  asksModel: true,
  run: async (context) => {
    const { parallel } = context;
    const askers = await Promise.allSettled(Array.from({ length: parallel }, () => askInTurn(context)));
    const reasons = askers.flatMap((asker) => (asker.status === 'rejected' ? [asker.reason as unknown] : []));
    // that one found something wrong counts for more than that another was kept from asking
    if (reasons.length) throw reasons.find((reason) => !(reason instanceof BudgetSpent)) ?? reasons[0];
    const answered = askers.map((asker) => (asker.status === 'fulfilled' ? asker.value : []));
    const all = answered.flat();
    // of the busiest asker, without the waiting for the pace
    const busyMs = Math.max(...answered.map((answers) => answers.reduce((sum, { ms }) => sum + ms, 0)));
    const tokens = all.reduce((sum, one) => sum + one.tokens, 0);
    const latency = (percent: number) =>
      seconds(
        percentile(
          percent,
          all.map(({ ms }) => ms),
        ),
      );
    return {
      expected: `${parallel * ROUNDS} answers, ${parallel} at a time`,
      got: `${all.length} answers; p50 ${latency(50)}, p95 ${latency(95)}; ${((tokens * 1000) / busyMs).toFixed(1)} tokens/s`,
    };
  },
};

async function askInTurn(context: CheckContext): Promise<{ ms: number; tokens: number }[]> {
  const answered = [];
  for (let round = 0; round < ROUNDS; round += 1) answered.push(await askOne(context));
  return answered;
}

/** ms from the question to its answer. @throws RunError where it is the answer to something else */
async function askOne(context: CheckContext): Promise<{ ms: number; tokens: number }> {
  const word = context.inventor.word();
  const { usage, ms } = await ask(context, {
    request: asking(`Repeat this word: ${word}`),
    wrong: (answer) =>
      says(answer.text, word)
        ? undefined
        : `under load the model was asked to repeat "${word}" and said ${quoted(answer)}`,
    fix: 'Answers get mixed up or cut under load: look at the service and at caches before it.',
  });
  return { ms, tokens: usage?.completionTokens ?? 0 };
}
