import { gateway } from './gateway.js';
import { llamaStack } from './llama-stack.js';
import { none } from './none.js';
import { openaiEnv } from './openai-env.js';
import { secret } from './secret.js';
import { values } from './values.js';
import type { Wiring } from './wiring.js';

/** All wirings, in the order in which `auto` asks them. */
export const WIRINGS: Wiring[] = [values, secret, llamaStack, openaiEnv, gateway, none];
