import { setTimeout } from 'node:timers/promises';
import { RunError } from '../../errors.js';
import { BudgetSpent } from '../../spend/meter.js';
import { at, member, text } from '../../json.js';
import type { Upload } from '../../ports.js';
import { readHits, type Hit } from './readings.js';
import type { EmbeddingModel, Stack } from './stack.js';

/** A condition on the attributes of a chunk: https://platform.openai.com/docs/api-reference/vector-stores/search */
export interface Filter {
  type: 'eq';
  key: string;
  value: string;
}

/** How a file goes into a store. */
export interface Attachment {
  attributes?: Record<string, string>;
  /** Where left out, the stack cuts as it does by default. */
  chunking_strategy?: { type: 'static'; static: { max_chunk_size_tokens: number; chunk_overlap_tokens: number } };
}

/** ms between two looks at a file that is being indexed, and how long to look. */
const INDEX_POLL_MS = 500;
const INDEX_DEADLINE_MS = 120_000;

/** The files and vector stores of a server, with one embedding model; a server that is no stack decides on that itself. */
export class VectorStores {
  /** Requests that one embedding causes at the model service, as far as is known. */
  readonly requests: number;

  constructor(
    private readonly stack: Stack,
    readonly embedding: EmbeddingModel | undefined,
  ) {
    this.requests = embedding?.requests ?? 1;
  }

  /** Names all of model, dimension and provider: with several providers and no default, leaving one out is refused. */
  async create(name: string): Promise<string> {
    const request = { name, ...(this.embedding && (await this.madeOf(this.embedding))) };
    return await this.stack.create('vector store', 'vector store', '/vector_stores', request);
  }

  private async madeOf({ id, dimension }: EmbeddingModel): Promise<object> {
    return { embedding_model: id, embedding_dimension: dimension, provider_id: await this.provider() };
  }

  private async provider(): Promise<string> {
    const ids = await this.stack.providers('vector store', 'vector_io');
    const id = ids.includes('pgvector') ? 'pgvector' : ids[0];
    if (!id)
      throw new RunError(
        'E_VECTOR_STORE',
        'vector store',
        'the stack has no vector_io provider',
        "Add a vector store to the stack's configuration (pgvector in the values).",
      );
    return id;
  }

  /** Uploads and attaches a file, as the UI does; gives its id. A failure comes inside a 200, in the status. */
  async add(storeId: string, file: Upload, attachment: Attachment = {}): Promise<string> {
    const fileId = await this.stack.note('file processing', `file ${file.name}`, '/files', ({ api }) =>
      api.upload(file),
    );
    const path = `/vector_stores/${storeId}/files`;
    let attached = await this.stack.change('file processing', this.requests, async ({ api }) => {
      return (await api.post(path, { file_id: fileId, ...attachment })).body;
    });
    const deadline = Date.now() + INDEX_DEADLINE_MS;
    while (member(attached, 'status') === 'in_progress' && Date.now() < deadline) {
      await setTimeout(INDEX_POLL_MS);
      attached = await this.stack.call(
        'file processing',
        0,
        async ({ api }) => (await api.get(`${path}/${fileId}`)).body,
      );
    }
    if (member(attached, 'status') !== 'completed') throw await this.located(indexingError(file.name, attached));
    return fileId;
  }

  /** A file that can not be indexed may show that nothing can be embedded. */
  private async located(error: RunError): Promise<RunError> {
    if (!this.embedding) return error;
    try {
      await this.stack.embed(this.embedding, ['a test']);
      return error;
    } catch (broken) {
      if (broken instanceof BudgetSpent) return error;
      if (!(broken instanceof RunError)) throw broken;
      return new RunError(broken.code, broken.hop, `${error.message}; ${broken.message}`, broken.fix, {
        cause: broken,
      });
    }
  }

  /** Takes a file out of a store. */
  async remove(storeId: string, fileId: string): Promise<void> {
    await this.stack.change('vector store', 0, ({ api }) => api.delete(`/vector_stores/${storeId}/files/${fileId}`));
  }

  async search(storeId: string, query: string, most: number, filters?: Filter): Promise<Hit[]> {
    const request = { query, max_num_results: most, ...(filters && { filters }) };
    return await this.stack.call('vector store', this.requests, async ({ api }) =>
      readHits((await api.post(`/vector_stores/${storeId}/search`, request)).body),
    );
  }
}

function indexingError(fileName: string, attached: unknown): RunError {
  const status = text(member(attached, 'status')) || 'no status';
  const said = text(at(attached, 'last_error', 'message'));
  const what = `indexing ${fileName} ended as "${status}"${said ? `: ${said}` : ''}`;
  if (/connection|pgvector|psycopg|postgres|database/i.test(said))
    return new RunError(
      'E_VECTOR_STORE',
      'vector store',
      what,
      'Check that the vector database runs and that the stack reaches it; restart the stack after the database was away.',
    );
  return new RunError(
    'E_FILE_PROCESSING',
    'file processing',
    what,
    "Read the stack's log below; check its file processor and its embedding model.",
  );
}
