/** Streamlit's messages, written by hand: https://protobuf.dev/programming-guides/encoding/ */

export function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
}

/** A field that is a text or a message. */
export function field(number: number, content: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(content);
  return Uint8Array.from([...varint(number * 8 + 2), ...varint(bytes.length), ...bytes]);
}

/** A field that is a number. */
export function numeric(number: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(number * 8), ...varint(value)]);
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** ForwardMsg { script_finished: FINISHED_SUCCESSFULLY }. */
export const FINISHED = numeric(6, 0);

/** ForwardMsg { delta { new_element { … } } }. */
export function element(number: number, content: Uint8Array): Uint8Array {
  return field(5, field(3, field(number, content)));
}

export function exception(type: string, message: string): Uint8Array {
  return element(8, joined(field(1, type), field(2, message)));
}

/** Formats of an alert. */
export const ALERT = { error: 1, warning: 2, info: 3, success: 4 };

export function alert(body: string, format = ALERT.error): Uint8Array {
  return element(30, joined(field(1, body), numeric(2, format)));
}

/** A page element of text (Markdown, 29). */
export function shown(text: string): Uint8Array {
  return element(29, field(1, text));
}
