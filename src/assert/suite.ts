import type { Check } from './check.js';
import type { ServerKind } from './stack/server.js';
import { chat } from './checks/chat.js';
import { chatJson } from './checks/chat-json.js';
import { chatLimit } from './checks/chat-limit.js';
import { chatStream } from './checks/chat-stream.js';
import { chatSystem } from './checks/chat-system.js';
import { chatTool } from './checks/chat-tool.js';
import { counterfactual } from './checks/counterfactual.js';
import { deletedFile } from './checks/deleted-file.js';
import { embeddings } from './checks/embeddings.js';
import { emptyStore } from './checks/empty-store.js';
import { files } from './checks/files.js';
import { load } from './checks/load.js';
import { metadataFilter } from './checks/metadata-filter.js';
import { negativeControl } from './checks/negative-control.js';
import { ragChat } from './checks/rag-chat.js';
import { ragResponses } from './checks/rag-responses.js';
import { retrieval } from './checks/retrieval.js';
import { stackModels } from './checks/stack-models.js';
import { uiHealth } from './checks/ui-health.js';
import { uiSession } from './checks/ui-session.js';
import { unanswerable } from './checks/unanswerable.js';

/**
 * Checks of the stack's API, in the order of the way that a question takes: the first that fails names the first broken
 * hop. They need the stack alone.
 */
export const STACK_CHECKS: Check[] = [
  stackModels,
  chat,
  chatStream,
  chatLimit,
  chatSystem,
  chatJson,
  chatTool,
  embeddings,
  files,
  retrieval,
  metadataFilter,
  emptyStore,
  ragChat,
  ragResponses,
  negativeControl,
  unanswerable,
  deletedFile,
  counterfactual,
  load,
];

/** Checks that need every workload to be available. */
export const UI_CHECKS: Check[] = [uiHealth, uiSession];

/** The checks as a server of this kind can be judged: stores of one that is no stack do not need its route of embeddings. */
export function checksFor(checks: Check[], kind: ServerKind): Check[] {
  if (kind !== 'openai') return checks;
  return checks.map((check) => ({ ...check, needs: check.needs.filter((need) => need !== embeddings.name) }));
}
