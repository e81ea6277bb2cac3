import { seconds } from '../../progress.js';
import type { RunRecord } from '../record.js';
import { plain, table } from './markdown.js';

/** Models that are named. */
const MOST_MODELS = 20;

/** What the model service is: the five questions that every adopter asks. */
export function serviceFacts({ service, spend }: Pick<RunRecord, 'service' | 'spend'>): string {
  if (!service) return '';
  const { baseUrl, model, models, headersNeeded, embeddings } = service;
  const others = models.length - MOST_MODELS;
  const rows = [
    ['exact endpoint', `${baseUrl} (chat: POST ${baseUrl}/chat/completions)`],
    ['models served', models.slice(0, MOST_MODELS).join(', '), ...(others > 0 ? [`${others} more`] : [])],
    ['model in use', model],
    ['rate limits', ...limitsOf({ ...service.rateLimits, ...spend.traffic.limitHeaders }, spend.traffic)],
    ['headers beyond Authorization', headersNeeded.join(', ') || 'none needed'],
    [
      'embeddings',
      embeddings.offered
        ? `yes: ${embeddings.model} with ${embeddings.dimension} dimensions`
        : `not offered (${embeddings.why})`,
    ],
  ];
  return `### The model service\n\n${table(
    ['question', 'answer'],
    rows.map(([name = '', ...parts]) => [name, parts.map((part) => plain(part)).join('; ')]), // of a long part only that is cut
  )}`;
}

function limitsOf(headers: Record<string, string>, traffic: RunRecord['spend']['traffic']): string[] {
  const { rateLimited, retries, waitedMs } = traffic;
  const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const seen = rateLimited
    ? `${rateLimited} ${rateLimited === 1 ? 'request was' : 'requests were'} refused for the rate (429 and the like)`
    : 'no request was refused for the rate';
  const waits = retries || waitedMs ? `${retries} retries, ${seconds(waitedMs)} of waiting` : '';
  return [named.join(', ') || 'no header tells of one', seen, waits].filter(Boolean);
}
