import { RunError, type Hop } from '../errors.js';
import { at, items, member, text } from '../json.js';
import {
  readCompletion,
  readEmbeddings,
  readStream,
  readUsage,
  wrongShape,
  type Completion,
  type Usage,
} from '../maas/answers.js';
import { ApiFailure } from '../maas/failure.js';
import type { OpenAiApi } from '../ports.js';
import { stackError } from './stack-error.js';

/** A model as the stack lists it (the shape of 0.4 and newer). */
export interface StackModel {
  id: string;
  type: string;
  providerId: string;
  /** Its id at the provider. */
  providerModel: string;
  /** Of an embedding model, where it is registered with one. */
  dimension: number | undefined;
}

export interface EmbeddingModel {
  id: string;
  dimension: number;
}

export interface IndexedFile {
  fileId: string;
  fileName: string;
}

export interface Hit {
  fileId: string;
  fileName: string;
  text: string;
}

export interface RagResponse {
  answer: string;
  /** Whether the model asked for a search at all. */
  searched: boolean;
  /** Texts of the chunks that the search brought. */
  results: string[];
}

/** ms between two looks at a file that is being indexed, and how long to look. */
const INDEX_POLL_MS = 500;
const INDEX_DEADLINE_MS = 120_000;

/** The stack under test, as a client sees it. Failures come as RunError with the hop that they show. */
export class Stack {
  private readonly made: { what: string; path: string }[] = [];

  /** @param usage takes the token counts of the calls, as reported */
  constructor(
    private readonly api: OpenAiApi,
    private readonly usage: Usage[] = [],
  ) {}

  async version(): Promise<string> {
    const { body } = await this.as('stack', () => this.api.get('/version'));
    return text(member(body, 'version')) || 'unknown';
  }

  async models(): Promise<StackModel[]> {
    return await this.as('stack', async () => {
      const { body } = await this.api.get('/models');
      const listed = items(member(body, 'data'));
      if (!listed.length || listed.some((item) => !text(member(item, 'id'))))
        throw wrongShape('GET /models', 'models with an id', body);
      return listed.map(readModel);
    });
  }

  /** The first embedding model that the stack lists with a dimension: a store needs one. */
  async embeddingModel(): Promise<EmbeddingModel> {
    for (const { id, type, dimension } of await this.models()) {
      if (type === 'embedding' && dimension !== undefined) return { id, dimension };
    }
    throw new RunError(
      'embedder',
      'the stack lists no embedding model with a dimension',
      'Add an embedding provider (sentence-transformers) to the stack.',
    );
  }

  async complete(model: string, prompt: string): Promise<Completion> {
    return await this.as('stack', async () => {
      const { body } = await this.api.post('/chat/completions', {
        model,
        messages: [{ role: 'user', content: prompt }],
      });
      return this.counted(readCompletion(body));
    });
  }

  async completeStreamed(model: string, prompt: string): Promise<Completion> {
    return await this.as('stack', async () => {
      const chunks = this.api.stream('/chat/completions', {
        model,
        messages: [{ role: 'user', content: prompt }],
        stream_options: { include_usage: true },
      });
      return this.counted(await readStream(chunks));
    });
  }

  async embed(model: string, input: string[]): Promise<number[][]> {
    return await this.as('embedder', async () => {
      const { vectors, usage } = readEmbeddings((await this.api.post('/embeddings', { model, input })).body);
      this.counted({ usage });
      return vectors;
    });
  }

  /** Names all of model, dimension and provider: with several providers and no default, leaving one out is refused. */
  async createStore(name: string, embedding: EmbeddingModel): Promise<string> {
    return await this.as('vector store', async () => {
      const request = {
        name,
        embedding_model: embedding.id,
        embedding_dimension: embedding.dimension,
        provider_id: await this.vectorProvider(),
      };
      const { body } = await this.api.post('/vector_stores', request);
      const id = text(member(body, 'id'));
      if (!id) throw wrongShape('POST /vector_stores', 'a store with an id', body);
      this.made.push({ what: 'vector store', path: `/vector_stores/${id}` });
      return id;
    });
  }

  private async vectorProvider(): Promise<string> {
    const { body } = await this.api.get('/providers');
    const ids = items(member(body, 'data'))
      .filter((provider) => member(provider, 'api') === 'vector_io')
      .map((provider) => text(member(provider, 'provider_id')));
    const id = ids.includes('pgvector') ? 'pgvector' : ids[0];
    if (!id)
      throw new RunError(
        'vector store',
        'the stack has no vector_io provider',
        "Add a vector store to the stack's configuration (pgvector in the values).",
      );
    return id;
  }

  /** Uploads and attaches a file, and waits for its status: a failure comes inside a 200. */
  async addFile(storeId: string, fileName: string, content: string): Promise<IndexedFile> {
    return await this.as('file processing', async () => {
      const { body } = await this.api.upload(fileName, content);
      const fileId = text(member(body, 'id'));
      if (!fileId) throw wrongShape('POST /files', 'a file with an id', body);
      this.made.push({ what: `file ${fileName}`, path: `/files/${fileId}` });
      const path = `/vector_stores/${storeId}/files`;
      let attached = (await this.api.post(path, { file_id: fileId })).body;
      const deadline = Date.now() + INDEX_DEADLINE_MS;
      while (member(attached, 'status') === 'in_progress' && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, INDEX_POLL_MS));
        attached = (await this.api.get(`${path}/${fileId}`)).body;
      }
      if (member(attached, 'status') !== 'completed') throw indexingError(fileName, attached);
      return { fileId, fileName };
    });
  }

  async search(storeId: string, query: string, most: number): Promise<Hit[]> {
    return await this.as('vector store', async () => {
      const { body } = await this.api.post(`/vector_stores/${storeId}/search`, { query, max_num_results: most });
      if (!Array.isArray(member(body, 'data')))
        throw wrongShape('POST /vector_stores/…/search', 'a list of hits', body);
      return items(member(body, 'data')).map(readHit);
    });
  }

  /** A response with file_search. Zero tokens of a plain chat prove nothing here: the search must have run. */
  async respond(model: string, question: string, storeId: string): Promise<RagResponse> {
    return await this.as('stack', async () => {
      const tools = [{ type: 'file_search', vector_store_ids: [storeId], max_num_results: 5 }];
      const { body } = await this.api.post('/responses', {
        model,
        input: question,
        tools,
        include: ['file_search_call.results'],
        store: false,
      });
      this.counted({ usage: readUsage(member(body, 'usage')) });
      return readResponse(body);
    });
  }

  /** Deletes what this client made, the last first; gives what could not be deleted. */
  async deleteAll(): Promise<string[]> {
    const left: string[] = [];
    for (const { what, path } of this.made.splice(0).reverse()) {
      await this.api.delete(path).catch(() => left.push(what));
    }
    return left;
  }

  private counted<T extends { usage: Usage | undefined }>(answer: T): T {
    if (answer.usage) this.usage.push(answer.usage);
    return answer;
  }

  private async as<T>(hop: Hop, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw error instanceof ApiFailure ? stackError(error, hop) : error;
    }
  }
}

function readModel(item: unknown): StackModel {
  const metadata = member(item, 'custom_metadata');
  const dimension = Number(member(metadata, 'embedding_dimension'));
  return {
    id: text(member(item, 'id')),
    type: text(member(metadata, 'model_type')) || 'llm',
    providerId: text(member(metadata, 'provider_id')),
    providerModel: text(member(metadata, 'provider_resource_id')),
    dimension: dimension > 0 ? dimension : undefined,
  };
}

/** A file processor can give the chunk's file_id a random value; the attribute keeps the uploaded one. */
function readHit(item: unknown): Hit {
  return {
    fileId: text(at(item, 'attributes', 'file_id')) || text(member(item, 'file_id')),
    fileName: text(member(item, 'filename')),
    text: items(member(item, 'content'))
      .map((part) => text(member(part, 'text')))
      .join('\n'),
  };
}

function readResponse(body: unknown): RagResponse {
  const output = items(member(body, 'output'));
  const searches = output.filter((item) => member(item, 'type') === 'file_search_call');
  const messages = output
    .filter((item) => member(item, 'type') === 'message')
    .flatMap((item) => items(member(item, 'content')));
  if (!output.length) throw wrongShape('POST /responses', 'an output', body);
  return {
    answer: messages.map((part) => text(member(part, 'text'))).join('\n'),
    searched: searches.length > 0,
    results: searches
      .flatMap((search) => items(member(search, 'results')))
      .map((result) => text(member(result, 'text'))),
  };
}

function indexingError(fileName: string, attached: unknown): RunError {
  const status = text(member(attached, 'status')) || 'no status';
  const said = text(at(attached, 'last_error', 'message'));
  const database = /connection|pgvector|psycopg|postgres|database/i.test(said);
  return new RunError(
    database ? 'vector store' : 'file processing',
    `indexing ${fileName} ended as "${status}"${said ? `: ${said}` : ''}`,
    database
      ? 'Check that the vector database runs and that the stack reaches it; restart the stack after the database was away.'
      : "Read the stack's log below; check its file processor and its embedding model.",
  );
}
