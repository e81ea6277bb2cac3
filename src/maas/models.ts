import { RunError } from '../errors.js';

const NOT_FOR_CHAT = /embed|rerank|minilm|(^|[/-])(bge|e5|gte|whisper|tts|guard|clip)([-/]|$)/i;

/** Whether a model's name lets it pass for one that chats; a service's list does not say. */
export function looksLikeChat(id: string): boolean {
  return !NOT_FOR_CHAT.test(id);
}

/** Providers that the wirings llama-stack and openai-env register a model with: before its id in the output `model`, and in no list. */
const OWN_PROVIDER = /^(maas|openai)\//;

/**
 * Which of the listed models is meant: the same id, or what follows a slash of a provider/model id. Never a substring. What the output
 * `model` of an earlier run says (maas/ID) is that id, where the service lists none that begins so.
 * Empty means the only one that looks like a chat model.
 * @throws RunError that lists what is served
 */
export function chooseModel(wanted: string, listed: string[]): string {
  const served = [...new Set(listed)];
  if (!wanted) return onlyChatModel(served);
  if (served.includes(wanted)) return wanted;
  const matches = served.filter((id) => id.endsWith(`/${wanted}`));
  if (matches.length === 1 && matches[0]) return matches[0];
  const withoutOurs = wanted.replace(OWN_PROVIDER, '');
  if (!matches.length && withoutOurs !== wanted && served.includes(withoutOurs)) return withoutOurs;
  if (matches.length > 1) {
    throw new RunError(
      'E_MODEL_AMBIGUOUS',
      'model service',
      `model "${wanted}" fits ${matches.length} served models: ${list(matches)}`,
      'Set the input model to one of them in full.',
    );
  }
  throw new RunError(
    'E_MODEL_NOT_SERVED',
    'model service',
    `model "${wanted}" is not served; the service lists ${list(served)}`,
    'Set the input model to a listed id, or ask for access to this one.',
  );
}

function onlyChatModel(served: string[]): string {
  const chat = served.filter(looksLikeChat);
  if (chat.length === 1 && chat[0]) return chat[0];
  const why = chat.length ? `${chat.length} chat models` : 'no chat model';
  throw new RunError(
    'E_MODEL_AMBIGUOUS',
    'model service',
    `input model is empty and the service lists ${why}: ${list(served)}`,
    'Set the input model to one of them.',
  );
}

function list(served: string[]): string {
  const shown = served.slice(0, 20).join(', ');
  return served.length > 20 ? `${shown} and ${served.length - 20} more` : shown || 'none';
}
