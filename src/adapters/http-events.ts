const ENDS = ['\n\n', '\r\r', '\r\n\r\n'];

/**
 * A server-sent stream, handed on in whole events: the openai client looks at all that it holds of an event again whenever a
 * part of it comes, which takes minutes for one of some megabytes that comes in small parts. Anything else passes whole.
 */
export async function* inWholeEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let before: Buffer = Buffer.alloc(0); // what may be the first half of an end
  for await (const part of bytes) {
    const seen = Buffer.concat([before, part]);
    const ends = ENDS.map((end) => afterLast(seen, end));
    const whole = Math.max(...ends) - before.length;
    before = seen.subarray(-3);
    if (whole <= 0) {
      held.push(part);
      continue;
    }
    yield Buffer.concat([...held, part.subarray(0, whole)]);
    held = [part.subarray(whole)];
  }
  yield Buffer.concat(held);
}

function afterLast(bytes: Buffer, end: string): number {
  const at = bytes.lastIndexOf(end);
  return at < 0 ? 0 : at + end.length;
}
