import { describe, expect, it } from 'vitest';
import type { ServiceFacts } from '../../src/maas/probe.js';
import { newRecord } from '../../src/report/record.js';
import { serviceFacts as render } from '../../src/report/summary/service.js';
import { spendInWords, usage } from '../../src/report/summary/usage.js';
import { newSpend, type Spend } from '../../src/spend/spend.js';
import { elementsOf, rowsOf, textOf } from '../helpers/gfm.js';
import { limited, usageRow } from '../helpers/meter.js';
import { serviceFacts } from '../helpers/record.js';

const spendOf = (over: Partial<Spend> = {}): Spend => ({ ...newSpend(), ...over });
const PRICES = [{ model: 'acme/chat', prompt: 10_000, completion: 100_000 }];
const ROWS = [
  usageRow({ check: 'probe', hop: 'model service', model: 'acme/chat', promptTokens: 1200, completionTokens: 30 }),
  usageRow({ check: 'chat', requests: 3, unreported: 1, promptTokens: 40, completionTokens: 5 }),
  usageRow({ check: 'load', model: 'nomic', requests: 1500, unreported: 1500 }),
];

describe('what was asked of models', () => {
  it('has a row for each check, hop and model, and the sums of them', () => {
    expect(rowsOf(usage(spendOf({ rows: ROWS })))).toEqual([
      ['check', 'asked', 'model', 'requests', 'prompt tokens', 'completion tokens'],
      ['probe', 'model service', 'acme/chat', '1', '1,200', '30'],
      ['chat', 'stack', 'maas/acme/chat', '3 (1 without counts)', '40', '5'],
      ['load', 'stack', 'nomic', '1,500', 'not reported', 'not reported'],
      ['all', '', '', '1,504', '1,240', '35'],
    ]);
  });

  it('sums up exactly what the rows say, however many', () => {
    const rows = Array.from({ length: 200 }, (_, at) =>
      usageRow({ check: `c${at}`, requests: at, promptTokens: 7 * at, completionTokens: at % 3 }),
    );
    const all = rowsOf(usage(spendOf({ rows }))).at(-1);
    const sum = (count: (row: (typeof rows)[number]) => number) =>
      rows.reduce((total, row) => total + count(row), 0).toLocaleString('en-US');
    expect(all).toEqual([
      ...['all', '', ''],
      sum(({ requests }) => requests),
      sum(({ promptTokens }) => promptTokens),
      sum(({ completionTokens }) => completionTokens),
    ]);
  });

  it('shows sixty rows, the sums of all, and says how many more there are', () => {
    const rows = Array.from({ length: 63 }, (_, at) => usageRow({ check: `c${at}` }));
    const text = usage(spendOf({ rows }));
    expect(rowsOf(text)).toHaveLength(1 + 60 + 1);
    expect(rowsOf(text).at(-1)?.[3]).toBe('63');
    expect(textOf(text)).toContain('3 rows more are in the report.');
    expect(usage(spendOf({ rows: rows.slice(0, 60) }))).not.toContain('more are');
  });

  it('is folded, with the sum above', () => {
    const text = usage(spendOf({ rows: ROWS }));
    expect(textOf(text)).toContain('1,504 requests, at least 1,275 tokens, as the answers report (1501 report none).');
    expect(textOf(usage(spendOf({ rows: ROWS.slice(0, 1) })))).toContain(
      '1 request, 1,230 tokens, as the answers report them.',
    );
    expect(elementsOf(text)).toMatchObject({ details: 1, table: 1, h3: 1 });
  });

  it('is not there where nothing was asked', () => {
    expect(usage(spendOf({ prices: PRICES, limits: limited({ tokens: 1 }) }))).toBe('');
  });
});

describe('what it cost', () => {
  it('is a column where there is a price, of each model that has one', () => {
    const rows = rowsOf(usage(spendOf({ rows: ROWS, prices: PRICES })));
    expect(rows.map((row) => row[6])).toEqual(['cost', '15.00', '0.90', 'no price', 'at least 15.90']);
  });

  it('is exact where every answer says its tokens and every model has a price', () => {
    const spend = spendOf({ rows: ROWS.slice(0, 1), prices: PRICES });
    expect(rowsOf(usage(spend)).at(-1)?.[6]).toBe('15.00');
    expect(spendInWords(spend)).toBe('1 request, 1,230 tokens, cost 15.00');
    expect(spendInWords(spendOf({ rows: ROWS, prices: PRICES }))).toBe(
      '1,504 requests, at least 1,275 tokens, cost at least 15.90',
    );
  });
});

describe('budgets', () => {
  const lines = (over: Partial<Spend>) =>
    usage(spendOf({ rows: ROWS.slice(0, 1), ...over }))
      .split('\n')
      .filter((line) => line.startsWith('- '))
      .map((line) => textOf(line).trim());

  it('are told with what is spent of each', () => {
    expect(lines({ limits: limited({ tokens: 2000, requests: 3, cost: 10 }), prices: PRICES })).toEqual([
      'token-budget: 1230 of 2000 spent (62 %)',
      'request-budget: 1 of 3 spent (33 %)',
      'cost-budget: 15.00 of 10.00 spent (150 %)',
    ]);
    expect(lines({})).toEqual([]);
  });

  it('of nothing have no share', () => {
    expect(lines({ limits: limited({ cost: 0 }), prices: PRICES })).toEqual(['cost-budget: 15.00 of 0.00 spent']);
  });
});

describe('the model service', () => {
  const answers = (
    over: Partial<ServiceFacts> = {},
    traffic: Partial<Spend['traffic']> = {},
  ): Record<string, string | undefined> => {
    const spend = spendOf({ traffic: { ...newSpend().traffic, ...traffic } });
    const rows = rowsOf(render({ service: serviceFacts(over), spend }));
    return Object.fromEntries(rows.map(([question = '', answer]) => [question, answer]));
  };

  it('has an answer to each question of an adopter', () => {
    expect(answers()).toEqual({
      question: 'answer',
      'exact endpoint': 'https://maas.example.com/v1 (chat: POST https://maas.example.com/v1/chat/completions)',
      'models served': 'acme/chat, nomic-embed',
      'model in use': 'acme/chat',
      'rate limits': 'no header tells of one; no request was refused for the rate',
      'headers beyond Authorization': 'none needed',
      embeddings: 'yes: nomic-embed with 768 dimensions',
    });
  });

  it('whose limits show: by its headers, those of the last refusal over those of the first answer', () => {
    const rateLimits = { 'x-ratelimit-limit': '60', 'x-ratelimit-reset': '9' };
    const limitHeaders = { 'x-ratelimit-reset': '1', 'retry-after': '2' };
    const traffic = { rateLimited: 2, retries: 3, waitedMs: 4500, limitHeaders };
    expect(answers({ rateLimits }, traffic)['rate limits']).toBe(
      'x-ratelimit-limit: 60, x-ratelimit-reset: 1, retry-after: 2; 2 requests were refused for the rate (429 and the like); 3 retries, 4.5 s of waiting',
    );
  });

  it('whose limits show by refusals alone', () => {
    expect(answers({}, { rateLimited: 1, retries: 1 })['rate limits']).toBe(
      'no header tells of one; 1 request was refused for the rate (429 and the like); 1 retries, 0.0 s of waiting',
    );
  });

  it('whose limits show by refusals, however long its headers are', () => {
    const found = answers({ rateLimits: { 'x-ratelimit': '9'.repeat(400) } }, { rateLimited: 2 })['rate limits'];
    expect(found).toMatch(/^x-ratelimit: 9+…; 2 requests were refused for the rate/);
  });

  it('that wants headers, and has no embeddings', () => {
    const found = answers({ headersNeeded: ['x-user', 'x-team'], embeddings: { offered: false, why: 'HTTP | 404' } });
    expect(found['headers beyond Authorization']).toBe('x-user, x-team');
    expect(found['embeddings']).toBe('not offered (HTTP | 404)');
  });

  it('of whose many models twenty are named, and the others counted', () => {
    const models = Array.from({ length: 25 }, (_, at) => `m${at}`);
    expect(answers({ models })['models served']).toMatch(/^m0, .*, m19; 5 more$/);
    expect(answers({ models: models.slice(0, 20) })['models served']).toMatch(/m19$/);
  });

  it('is not there where none was asked', () => {
    expect(render({ ...newRecord(), service: undefined })).toBe('');
  });
});
