/** The bundle. dist/main.js and dist/post.js call one function each of it, so that both steps share its code. */
export { createOpenAi } from './adapters/openai.js';
export { download } from './adapters/download.js';
export { askAsFetch, responseOf } from './adapters/http-fetch.js';
export { createWeb } from './adapters/web.js';
export { CHECK_NAMES, checkStack } from './check-stack.js';
export { ApiError } from './extractive/api-error.js';
export { DIMENSION, embed, embeddings } from './extractive/embed.js';
export { serve, startModelService } from './extractive-service.js';
export { loadService } from './load-service.js';
export { main } from './main.js';
export { post } from './post.js';
export { readAddress } from './provision/bridge.js';
export { createRedactor } from './secrets/redact.js';
