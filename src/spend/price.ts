import { RunError } from '../errors.js';

/** What a model costs, per million tokens, in whatever currency. */
export interface Price {
  /** As the service lists it; empty: any. */
  model: string;
  prompt: number;
  completion: number;
}

/**
 * Input `price`: `PROMPT/COMPLETION` for every model, or lines `MODEL=PROMPT/COMPLETION`.
 * @throws RunError
 */
export function parsePrices(text: string): Price[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const prices = lines.map((line) => {
    const [, model = '', prompt = '', completion = ''] =
      /^(?:(\S+?)\s*=\s*)?([\d.]+)\s*\/\s*([\d.]+)$/.exec(line) ?? [];
    if (isAmount(prompt) && isAmount(completion))
      return { model, prompt: Number(prompt), completion: Number(completion) };
    throw new RunError(
      'E_INPUT',
      'inputs',
      `input price has the line "${line}"`,
      'Write prices per million tokens: 0.15/0.60 for every model, or lines such as llama-3-2-3b=0.15/0.60.',
    );
  });
  const twice = prices.find(({ model }, at) => prices.findIndex((price) => price.model === model) !== at);
  if (!twice) return prices;
  throw new RunError(
    'E_INPUT',
    'inputs',
    `input price has two prices for ${twice.model || 'every model'}`,
    'Leave one of them out.',
  );
}

/** Whether a text is a plain number that is not negative. */
export function isAmount(text: string): boolean {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text);
}

/** The price of a model as the stack or the service lists it: its own, that of what follows a provider's slash, or that of any. */
export function priceOf(model: string, prices: Price[]): Price | undefined {
  return (
    prices.find((price) => price.model === model) ??
    prices.find((price) => price.model && model.endsWith(`/${price.model}`)) ??
    prices.find((price) => !price.model)
  );
}

/** An amount for people: two decimals, or two digits of one that is less than a tenth. */
export function amount(value: number): string {
  const rounded = Number(value.toPrecision(2));
  if (rounded >= 0.1 || rounded < 1e-12) return value.toFixed(2);
  return rounded.toFixed(12).replace(/0+$/, '');
}
