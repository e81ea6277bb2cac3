import { at, isRecord, items, member, text } from '../../json.js';
import { wrongShape } from '../../maas/answers.js';
import { ApiFailure, oneLine } from '../../maas/failure.js';

/** A model as the stack lists it. */
export interface StackModel {
  id: string;
  type: string;
  providerId: string;
  /** Its id at the provider. */
  providerModel: string;
  /** Of an embedding model, where it is registered with one. */
  dimension: number | undefined;
}

/** A chunk that a search brought. */
export interface Hit {
  fileId: string;
  fileName: string;
  text: string;
  /** What was given with the file, and what the stack adds. */
  attributes: Record<string, unknown>;
}

export interface RagResponse {
  id: string;
  answer: string;
  /** Whether the model asked for a search at all. */
  searched: boolean;
  /** What it searched for. */
  queries: string[];
  /** The chunks that the search brought. */
  results: { text: string; fileId: string }[];
  /** Why it is incomplete: the limit of tokens, mostly. Empty where it is whole. */
  incomplete: string;
  /** Files that the answer cites. */
  cited: string[];
}

/**
 * A list of models in OpenAI's form, where what they are is metadata, or in that of stacks up to 0.3.
 * @throws ApiFailure where the body is no list of models with ids
 */
export function readModels(body: unknown): StackModel[] {
  const data = member(body, 'data');
  const listed = items(data);
  if (!Array.isArray(data) || listed.some((item) => !idOf(item)))
    throw wrongShape('GET /models', 'models with an id', body);
  return listed.map((item) =>
    text(member(item, 'id'))
      ? readModel(item, member(item, 'custom_metadata'), member(item, 'custom_metadata'))
      : readModel(item, item, member(item, 'metadata')),
  );
}

function idOf(item: unknown): string {
  return text(member(item, 'id')) || text(member(item, 'identifier'));
}

function readModel(item: unknown, facts: unknown, metadata: unknown): StackModel {
  const dimension = Number(member(metadata, 'embedding_dimension'));
  return {
    id: idOf(item),
    type: text(member(facts, 'model_type')) || 'llm',
    providerId: text(member(facts, 'provider_id')),
    providerModel: text(member(facts, 'provider_resource_id')),
    dimension: dimension > 0 ? dimension : undefined,
  };
}

/** Whether a model's name lets it pass for one that embeds: a list in OpenAI's form does not say. */
export function embedsByName(id: string): boolean {
  return /embed|minilm|(^|[/-])(bge|e5|gte)([-/]|$)/i.test(id) && !/rerank/i.test(id);
}

/** @throws ApiFailure where the body is no list of hits; an empty one is */
export function readHits(body: unknown): Hit[] {
  if (!Array.isArray(member(body, 'data'))) throw wrongShape('POST /vector_stores/…/search', 'a list of hits', body);
  return items(member(body, 'data')).map(readHit);
}

/** A file processor can give the chunk's file_id a random value; the attribute keeps the uploaded one. */
function readHit(item: unknown): Hit {
  const attributes = member(item, 'attributes');
  return {
    fileId: text(at(item, 'attributes', 'file_id')) || text(member(item, 'file_id')),
    fileName: text(member(item, 'filename')),
    text: items(member(item, 'content'))
      .map((part) => text(member(part, 'text')))
      .join('\n'),
    attributes: isRecord(attributes) ? attributes : {},
  };
}

/**
 * The whole response of a stream of events.
 * @throws ApiFailure where the stream carries a failure, or ends before the response is complete
 */
export async function readResponseStream(events: AsyncIterable<unknown>): Promise<RagResponse> {
  const call = 'POST /responses (stream)';
  for await (const event of events) {
    const type = text(member(event, 'type'));
    const error = member(event, 'error') ?? at(event, 'response', 'error');
    if (type === 'response.failed' || type === 'error' || (error !== undefined && error !== null)) {
      const said = text(member(error, 'message')) || JSON.stringify(error ?? event);
      throw new ApiFailure('stream', call, `error in the stream: ${oneLine(said)}`);
    }
    if (type === 'response.completed' || type === 'response.incomplete') return readResponse(member(event, 'response'));
  }
  throw new ApiFailure('stream', call, 'the stream ended before the response was complete: it was cut');
}

function readResponse(body: unknown): RagResponse {
  const output = items(member(body, 'output'));
  if (!output.length) throw wrongShape('POST /responses', 'an output', body);
  const searches = output.filter((item) => member(item, 'type') === 'file_search_call');
  const parts = output
    .filter((item) => member(item, 'type') === 'message')
    .flatMap((item) => items(member(item, 'content')));
  return {
    id: text(member(body, 'id')),
    answer: parts.map((part) => text(member(part, 'text'))).join('\n'),
    searched: searches.length > 0,
    results: searches
      .flatMap((search) => items(member(search, 'results')))
      .map((result) => ({
        text: text(member(result, 'text')),
        fileId: text(at(result, 'attributes', 'file_id')) || text(member(result, 'file_id')),
      })),
    queries: searches.flatMap((search) => items(member(search, 'queries')).map(text)),
    incomplete: text(at(body, 'incomplete_details', 'reason')),
    cited: parts
      .flatMap((part) => items(member(part, 'annotations')))
      .filter((annotation) => member(annotation, 'type') === 'file_citation')
      .map((annotation) => text(member(annotation, 'file_id'))),
  };
}
