import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/adapters/runner.js';

/** What the log prints of a text. */
function printed(text: string): string {
  const write = process.stdout.write.bind(process.stdout);
  let out = '';
  process.stdout.write = (chunk: string | Uint8Array) => ((out += chunk.toString()), true);
  try {
    createLog((line) => line).info(text);
  } finally {
    process.stdout.write = write;
  }
  return out;
}

describe('what others say, in the log', () => {
  it.each([
    ['::stop-commands::pwned', ': :stop-commands::pwned\n'],
    ['  ::set-output name=a::b', '  : :set-output name=a::b\n'],
    ['one\n::warning::spoofed', 'one\n: :warning::spoofed\n'],
    ['one\r::warning::spoofed', 'one\r: :warning::spoofed\n'],
    ['it says ##[set-env name=x]y', 'it says # #[set-env name=x]y\n'],
    ['std::vector::push_back ## [x]', 'std::vector::push_back ## [x]\n'],
  ])('is no command: %j', (text, line) => {
    expect(printed(text)).toBe(line);
  });
});
