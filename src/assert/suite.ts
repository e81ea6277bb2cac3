import type { Check } from './check.js';
import { chat } from './checks/chat.js';
import { embeddings } from './checks/embeddings.js';
import { negativeControl } from './checks/negative-control.js';
import { ragChat } from './checks/rag-chat.js';
import { ragResponses } from './checks/rag-responses.js';
import { retrieval } from './checks/retrieval.js';
import { stackModels } from './checks/stack-models.js';
import { uiHealth } from './checks/ui-health.js';

/** Checks of the stack's API, in the order of the way that a question takes; they need the stack alone. */
export const STACK_CHECKS: Check[] = [stackModels, chat, embeddings, retrieval, ragResponses, ragChat, negativeControl];

/** Checks that need every workload to be available. */
export const UI_CHECKS: Check[] = [uiHealth];
