import { seconds } from '../../progress.js';
import type { Change, Trend } from '../trend.js';
import { code, count, plain } from './markdown.js';

/** What is not as it was in earlier runs. */
export function trendOf(trend: Trend | undefined): string {
  if (!trend) return '';
  const { newFailures, fixed, changes, notCompared, baseline } = trend;
  const lines = [
    ...(newFailures.length ? [`- ❌ fails now and did not: ${newFailures.map(code).join(', ')}`] : []),
    ...(fixed.length ? [`- ✅ mended: ${fixed.map(code).join(', ')}`] : []),
    ...changes.map((change) => `- ${change.to > change.from ? '🔺' : '🔻'} ${inWords(change)}`),
    ...(notCompared ? [`- Times and tokens are not compared: ${plain(notCompared)}`] : []),
  ];
  const nothing = '- Nothing changed beyond noise.';
  return [`### Since the baseline (${plain(baseline)})`, '', ...(lines.length ? lines : [nothing])].join('\n');
}

function inWords({ check, measure, from, to }: Change): string {
  const told = (value: number) => (measure === 'ms' ? seconds(value) : `${count(Math.round(value))} tokens`);
  return `${code(check)} took ${told(to)}, and ${told(from)} before (median)`;
}
