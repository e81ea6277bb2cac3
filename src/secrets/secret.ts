/** What must be in no text that leaves this process. */
export interface Secret {
  /** What messages call it: "input api-key". */
  name: string;
  value: string;
}

/** The input that is the model service's key, as the one secret of a list. */
export function apiKeySecret(value: string): Secret {
  return { name: 'input api-key', value };
}
