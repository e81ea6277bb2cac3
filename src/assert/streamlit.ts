/**
 * As much of Streamlit's protocol as it takes to open a page: protobuf messages over a WebSocket. Numbers of fields are
 * those of its ForwardMsg.proto, BackMsg.proto and Element.proto, unchanged since 1.12.
 * https://github.com/streamlit/streamlit/tree/develop/proto/streamlit/proto
 */

/** Path of the WebSocket. */
export const STREAM_PATH = '/_stcore/stream';

/** BackMsg { rerun_script (11): ClientState {} }: run the page as for a new visitor. */
export const RUN_PAGE = Uint8Array.of((11 << 3) | 2, 0);

/** Path of fields from a ForwardMsg to what the page shows: delta (5), new_element (3), then exception or alert. */
const SCRIPT_FINISHED = 6;
const ELEMENT = [5, 3];
const EXCEPTION = [...ELEMENT, 8];
const ALERT = [...ELEMENT, 30];

/** What a page showed. */
export interface PageView {
  /** Exceptions and error boxes, as text. */
  errors: string[];
  /** All text in all messages. */
  texts: string[];
}

/** Values of ScriptFinishedStatus: the page ran to its end, or could not be compiled; others go on with another run. */
const RAN = 0;
const NOT_COMPILED = 1;

/** Whether the page's script has come to its end. */
export function isFinished(message: Uint8Array): boolean {
  return endsBy(message, RAN) || endsBy(message, NOT_COMPILED);
}

function endsBy(message: Uint8Array, status: number): boolean {
  return fieldsOf(message).some(({ number, value }) => number === SCRIPT_FINISHED && value === status);
}

export function viewOf(messages: Uint8Array[]): PageView {
  const bodies = (path: number[]) => messages.flatMap((message) => at(message, path));
  const exceptions = bodies(EXCEPTION).map((body) => [textAt(body, 1), textAt(body, 2)].filter(Boolean).join(': '));
  // Alert { body (1), format (2): 1 is an error }
  const alerts = bodies(ALERT)
    .filter((body) => fieldsOf(body).some(({ number, value }) => number === 2 && value === 1))
    .map((body) => textAt(body, 1));
  const broken = messages.some((message) => endsBy(message, NOT_COMPILED)) ? ['the page does not compile'] : [];
  return {
    errors: [...exceptions, ...alerts, ...broken],
    texts: messages.map((message) => new TextDecoder().decode(message)),
  };
}

interface Field {
  number: number;
  /** Of a varint; 0 otherwise. */
  value: number;
  /** Of a length-delimited field; empty otherwise. */
  bytes: Uint8Array;
}

/** The values of a nested field. */
function at(message: Uint8Array, [first, ...rest]: number[]): Uint8Array[] {
  if (first === undefined) return [message];
  return fieldsOf(message)
    .filter(({ number }) => number === first)
    .flatMap(({ bytes }) => at(bytes, rest));
}

function textAt(message: Uint8Array, number: number): string {
  return new TextDecoder().decode(at(message, [number])[0]);
}

/** The fields of a protobuf message, up to the first that can not be read: https://protobuf.dev/programming-guides/encoding/ */
function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; offset < message.length; shift += 7) {
      const byte = message[offset] ?? 0;
      offset += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (offset < message.length) {
    const tag = varint();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    const value = wireType === 0 ? varint() : 0;
    const length = { 1: 8, 2: wireType === 2 ? varint() : 0, 5: 4 }[wireType] ?? 0;
    if (![0, 1, 2, 5].includes(wireType) || offset + length > message.length) break;
    fields.push({ number, value, bytes: message.subarray(offset, offset + length) });
    offset += length;
  }
  return fields;
}
