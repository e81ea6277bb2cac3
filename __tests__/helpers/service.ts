import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyOf, json, listen, ownAddress, type Listening } from './network.js';

export const KEY = 'test_key*&<0123456789~abcdef';

export interface FakeService extends Listening {
  endpoint: string;
  /** Paths that were asked for, in order. */
  asked: string[];
}

/** A model service on this machine that answers like one; `answer` may take a request over. */
export async function startService(
  answer: (path: string, request: IncomingMessage, response: ServerResponse) => boolean = () => false,
  models = ['chat-model', 'some-embed'],
): Promise<FakeService> {
  const asked: string[] = [];
  const listening = await listen((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (answer(path, request, response)) return;
    if (request.headers.authorization !== `Bearer ${KEY}`) return json(response, 401, { error: 'Unauthorized' });
    if (path.endsWith('/models')) return json(response, 200, { data: models.map((id) => ({ id })) });
    if (path.endsWith('/embeddings')) return json(response, 200, { data: [{ embedding: [0.1, 0.2, 0.3] }] });
    if (path.endsWith('/chat/completions')) {
      void bodyOf(request);
      const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
      const choices = [{ message: { role: 'assistant', content: 'OK' }, finish_reason: 'stop' }];
      return json(response, 200, { choices, usage }, { 'x-ratelimit-limit-requests': '60' });
    }
    return json(response, 404, { error: { message: 'no such route' } });
  }, '0.0.0.0');
  return { ...listening, asked, endpoint: `http://${ownAddress()}:${listening.port}` };
}
