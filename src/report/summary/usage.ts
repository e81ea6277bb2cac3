import { amount } from '../../spend/price.js';
import {
  budgetsOf,
  costOf,
  costOfRow,
  inWords,
  totalsOf,
  type Budget,
  type Spend,
  type UsageRow,
} from '../../spend/spend.js';
import { code, count, folded, plain, table } from './markdown.js';

/** Rows that are shown; the report has all. */
const MOST_ROWS = 60;

/** "23 requests, 1,368 tokens, cost 0.00024" */
export function spendInWords(spend: Spend): string {
  const { requests, totalTokens, unreported } = totalsOf(spend.rows);
  const cost = costOf(spend);
  return [
    `${count(requests)} ${requests === 1 ? 'request' : 'requests'}`,
    `${unreported ? 'at least ' : ''}${count(totalTokens)} tokens`,
    ...(cost ? [`cost ${cost.isLowerBound ? 'at least ' : ''}${amount(cost.amount)}`] : []),
  ].join(', ');
}

/** What was asked of models, and what it cost, by check. */
export function usage(spend: Spend): string {
  const { rows, prices } = spend;
  if (!rows.length) return '';
  const hasPrice = prices.length > 0;
  const totals = totalsOf(rows);
  const cost = costOf(spend);
  const head = [
    'check',
    'asked',
    'model',
    'requests',
    'prompt tokens',
    'completion tokens',
    ...(hasPrice ? ['cost'] : []),
  ];
  const all = ['**all**', '', '', count(totals.requests), count(totals.promptTokens), count(totals.completionTokens)];
  const total = [...all, ...(cost ? [`${cost.isLowerBound ? 'at least ' : ''}${amount(cost.amount)}`] : [])];
  const shown = rows.slice(0, MOST_ROWS).map((row) => rowOf(row, spend));
  const left = rows.length > MOST_ROWS ? [`_${rows.length - MOST_ROWS} rows more are in the report._`] : [];
  return [
    '### Tokens and cost',
    '',
    `${plain(spendInWords(spend))}, as the answers report ${totals.unreported ? `(${totals.unreported} report none)` : 'them'}.`,
    ...budgetsOf(spend).map((budget) => `- ${plain(inWords(budget))}${shareOf(budget)}`),
    '',
    folded('By check, hop and model', [table(head, [...shown, total]), ...left].join('\n\n')),
  ].join('\n');
}

/** A budget may be nothing at all. */
function shareOf({ spent, limit }: Budget): string {
  return limit > 0 ? ` (${Math.round((spent / limit) * 100)} %)` : '';
}

function rowOf(row: UsageRow, { prices }: Spend): string[] {
  const { check, hop, model, requests, unreported, promptTokens, completionTokens } = row;
  const isReported = unreported < requests;
  const tokens = (value: number) => (isReported || value ? count(value) : 'not reported');
  const cost = costOfRow(row, prices);
  return [
    code(check),
    hop,
    code(model),
    `${count(requests)}${unreported && isReported ? ` (${unreported} without counts)` : ''}`,
    tokens(promptTokens),
    tokens(completionTokens),
    ...(prices.length ? [cost === undefined ? 'no price' : amount(cost)] : []),
  ];
}
