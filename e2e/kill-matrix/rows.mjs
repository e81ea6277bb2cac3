// The sabotages. Each row says what it breaks, which hop must be blamed, what cause and fix must say, and how it is undone.
// `sabotage` is done before the checks, or by `at` when the checks send a request: then the stack's answer waits for it.
const SEARCH = /\/vector_stores\/[^/]+\/search$/;
const ATTACH = /\/vector_stores\/[^/]+\/files$/;
const UPLOAD = /\/files$/;
const CHAT = /\/chat\/completions$/;

const noFault = (world) => world.fault({ mode: 'none' });
const faulty = (fault) => ({ sabotage: (world) => world.fault(fault), mend: noFault });

/** Once, when the first such request comes. */
const atFirst = (method, path, sabotage) => {
  let done;
  return (world, request) => {
    if (request.method === method && path.test(request.path)) return (done ??= sabotage(world, request));
    return undefined;
  };
};

const EMBEDDER = { model_id: 'lab-embed', provider_id: 'maas', model_type: 'embedding' };

/** A stack whose only embedding model is the model service's, so that its faults are the embedder's. */
const embedsAtService = async (world) => {
  world.configuration = await world.reconfigure(({ providers, registered_resources: registered, vector_stores }) => {
    providers.inference = providers.inference.filter(({ provider_id: id }) => id !== 'sentence-transformers');
    registered.models.push({ ...EMBEDDER, metadata: { embedding_dimension: 384 } });
    delete vector_stores.default_embedding_model;
  });
  const listed = await world.embeddingModels();
  if (listed.join() !== 'maas/lab-embed') throw new Error(`the stack lists as embedding models: ${listed.join(', ')}`);
};
const embedsItself = async (world) => {
  await noFault(world);
  await world.configure(world.configuration);
};

/** The text of each chunk becomes that of the next one; file and vector stay. */
const SHUFFLE = `
  WITH numbered AS (SELECT id, document, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS total FROM TABLE)
  UPDATE TABLE chunk SET document = jsonb_set(one.document, '{content}', next.document->'content')
  FROM numbered one JOIN numbered next ON next.n = one.n % one.total + 1 WHERE chunk.id = one.id`;

/** The bytes of a multipart file put through a function. */
const inUpload =
  (change) =>
  (_, { method, path, body }) => {
    if (method !== 'POST' || !UPLOAD.test(path) || ATTACH.test(path)) return undefined;
    const begin = body.indexOf('\r\n\r\n', body.indexOf('filename=')) + 4;
    const end = body.indexOf('\r\n--', begin);
    return { body: Buffer.concat([body.subarray(0, begin), change(body.subarray(begin, end)), body.subarray(end)]) };
  };

/** The answer of a chat, asked for a second time with another context, is the first one's. */
const cachingAnswers = () => {
  const cache = new Map();
  return (_, { path, body }) => {
    const question = CHAT.test(path) && /QUERY:\\n([^"]+)"/.exec(body.toString())?.[1];
    if (!question) return undefined;
    return { change: (text) => (cache.has(question) ? cache.get(question) : (cache.set(question, text), text)) };
  };
};

export const ROWS = [
  {
    name: 'wrong key in the stack',
    hop: 'stack',
    says: [/refuses the key that the stack sends.*asked directly, the model service answers/, /does not hand the key/],
    sabotage: async (world) => {
      await world.setEnv('llamastack', 'llama-stack', 'MAAS_API_KEY=wrong-key-0123456789');
      await world.stackAnswers();
    },
    mend: async (world) => {
      await world.setEnv('llamastack', 'llama-stack', 'MAAS_API_KEY-');
      await world.stackAnswers();
    },
  },
  {
    name: 'key revoked in mid-run',
    hop: 'model service',
    says: [/refuses the key \(HTTP 401\)/, /Renew the secret/],
    at: atFirst('POST', UPLOAD, (world) => world.fault({ mode: 'revoke' }).then(() => undefined)),
    mend: noFault,
  },
  {
    name: 'model not served',
    hop: 'model service',
    says: [/does not serve the model/, /Set the input model/],
    sabotage: (world) => world.serviceWith('-e', 'MODELS=another-model'),
    mend: (world) => world.serviceWith(),
  },
  {
    name: 'model service down',
    hop: 'model service',
    says: [/can not be reached|did not answer in time/, /Check/],
    sabotage: (world) => world.docker('stop', '-t', '1', 'lab-model-service'),
    mend: async (world) => {
      await world.docker('start', 'lab-model-service');
      await world.serviceAnswers();
    },
  },
  {
    name: 'model service answers HTML',
    hop: 'model service',
    says: [/does not answer like an OpenAI API/, /maas-endpoint/],
    ...faulty({ mode: 'html' }),
  },
  {
    name: 'model service answers {}',
    hop: 'model service',
    says: [/does not answer like an OpenAI API/, /maas-endpoint/],
    ...faulty({ mode: 'empty-object' }),
  },
  {
    name: 'model service answers without choices',
    hop: 'model service',
    says: [/does not answer like an OpenAI API/, /maas-endpoint/],
    ...faulty({ mode: 'no-choices' }),
  },
  {
    name: 'constant answer',
    hop: 'model service',
    says: [/asked to repeat "\w+" and said "42"/, /serves a chat model/],
    ...faulty({ mode: 'constant' }),
  },
  {
    name: 'planted answer: always the value that was uploaded',
    hop: 'model service',
    says: [/says \d{5}|said "\d{5}"/, /cache|fixed answer/],
    // only from the first document on, so that the plain chats before it are healthy
    at: atFirst('POST', UPLOAD, async (world, { body }) => {
      const [value = ''] = /\d{5}(?=\.)/.exec(body.toString()) ?? [];
      await world.fault({ mode: 'planted', text: `The answer is ${value}.` });
    }),
    mend: noFault,
  },
  {
    name: 'streams cut',
    hop: 'model service',
    says: [/breaks off its answers/, /Look at the service/],
    at: (world, { path, body }) =>
      CHAT.test(path) && body.includes('"stream":true')
        ? world.fault({ mode: 'cut' }).then(() => undefined)
        : undefined,
    mend: noFault,
  },
  {
    name: 'endless 429',
    hop: 'model service',
    says: [/limits the rate/, /requests-per-minute/],
    ...faulty({ mode: 'status', status: 429, headers: { 'retry-after': '2' } }),
  },
  {
    name: 'vector database down',
    hop: 'vector store',
    says: [/./, /vector database runs/],
    sabotage: (world) => world.scale('statefulset', 'pgvector', 0),
    mend: async (world) => {
      await world.scale('statefulset', 'pgvector', 1);
      await world.restartStack();
    },
  },
  {
    name: 'vector database restarted under the stack',
    hop: 'vector store',
    says: [/./, /restart/],
    sabotage: (world) => world.restartDatabase(),
    mend: (world) => world.restartStack(),
  },
  {
    name: 'vector database restarted after the upload',
    hop: 'vector store',
    says: [/found nothing in a store that holds the answer/, /restart/],
    at: atFirst('POST', SEARCH, (world) => world.restartDatabase()),
    mend: (world) => world.restartStack(),
  },
  {
    name: 'store emptied',
    hop: 'vector store',
    says: [/has lost what it held/, /empties the tables/],
    at: atFirst('POST', SEARCH, (world) => world.forEachStore('DELETE FROM TABLE').then(() => undefined)),
  },
  {
    name: 'search answers nothing, for ever',
    hop: 'vector store',
    says: [/found nothing in a store that holds the answer, nor what is stored now/, /restart/],
    at: (_, { path }) => (SEARCH.test(path) ? { answer: '{"object":"page","data":[]}' } : undefined),
  },
  {
    name: 'embedder gives constant vectors',
    hop: 'embedder',
    says: [/does not put a paraphrase nearer/, /weights/],
    sabotage: async (world) => {
      await embedsAtService(world);
      await world.fault({ mode: 'embeddings-constant' });
    },
    mend: embedsItself,
  },
  {
    name: 'embedder of another dimension',
    hop: 'embedder',
    says: [/gives 8 dimensions and declares 384/, /Register the embedding model with the dimension/],
    sabotage: async (world) => {
      await embedsAtService(world);
      await world.fault({ mode: 'embeddings-dimension', dimension: 8 });
    },
    mend: embedsItself,
  },
  {
    name: 'embedder fails in mid-run: the file is refused inside a 200',
    hop: 'embedder',
    says: [/indexing .* ended as "failed".*embedding model/, /log/],
    sabotage: embedsAtService,
    at: atFirst('POST', ATTACH, (world) =>
      world.fault({ mode: 'status', status: 500, paths: ['/v1/embeddings'] }).then(() => undefined),
    ),
    mend: embedsItself,
  },
  {
    name: 'files arrive empty: refused inside a 200',
    hop: 'file processing',
    says: [/ended as "failed": No chunks/, /file processor/],
    at: inUpload(() => Buffer.alloc(0)),
  },
  {
    name: 'files arrive in a wrong encoding',
    hop: 'file processing',
    says: [/no chunk of it holds ".*" as it was written/, /encodings/],
    at: inUpload((bytes) => (bytes.includes('%PDF') ? bytes : Buffer.from(bytes.toString('latin1'), 'utf8'))),
  },
  {
    name: 'chunks shuffled between files',
    hop: 'vector store',
    says: [/comes? back (as a chunk of|under other files)/, /no longer belong together/],
    at: atFirst('POST', SEARCH, (world) => world.forEachStore(SHUFFLE).then(() => undefined)),
  },
  {
    name: 'deleted files stay in the store',
    hop: 'vector store',
    says: [/was deleted, and \d+ of its chunks are still found/, /deletes the chunks/],
    at: (_, { method, path }) =>
      method === 'DELETE' && /\/vector_stores\/[^/]+\/files\//.test(path) ? { answer: '{"deleted":true}' } : undefined,
  },
  {
    name: 'stack restarted and its state lost',
    hop: 'stack',
    says: [/has lost its state/, /on a volume/],
    at: atFirst('POST', SEARCH, (world) => world.restartStackAnew()),
  },
  {
    name: 'answers cached by question',
    hop: 'stack',
    says: [/the document now says \d+, and the answer is still \d+.*asked directly/, /does not hand on/],
    at: cachingAnswers(),
  },
  {
    name: "service's name does not resolve in the cluster",
    hop: 'stack',
    says: [/from inside the cluster.*asked directly, the model service answers/, /DNS/],
    sabotage: async (world) => {
      world.configuration = await world.reconfigure(({ providers }) => {
        const { config } = providers.inference.find(({ provider_id: id }) => id === 'maas');
        config.base_url = 'http://lab-model-service:8080/v1';
      });
      world.corefile = await world.reconfigureDns((text) =>
        text.replace(/^\s*ready\n/m, '$&    template IN ANY lab-model-service {\n        rcode NXDOMAIN\n    }\n'),
      );
    },
    mend: async (world) => {
      await world.reconfigureDns(() => world.corefile);
      await world.configure(world.configuration);
    },
  },
  {
    name: 'user interface down',
    hop: 'UI',
    says: [/does not answer \/_stcore\/health/, /user interface's log/],
    sabotage: (world) => world.scale('deployment', 'rag', 0),
    mend: async (world) => {
      await world.scale('deployment', 'rag', 1);
      await world.uiAnswers();
    },
  },
  {
    name: 'user interface up, and can not reach the stack',
    hop: 'UI',
    says: [/first page of the user interface shows an error/, /LLAMA_STACK_ENDPOINT/],
    sabotage: (world) => world.setEnv('rag', 'rag', 'LLAMA_STACK_ENDPOINT=http://no-such-stack:8321'),
    mend: async (world) => {
      await world.setEnv('rag', 'rag', 'LLAMA_STACK_ENDPOINT=http://llamastack:8321');
      await world.uiAnswers();
    },
  },
];
