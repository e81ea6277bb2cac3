export type Redact = (text: string) => string;

const MASK = '***';

/** A redactor for one key: replaces every form in which it is known to travel. An empty key leaves text as it is. */
export function createRedactor(key: string): Redact {
  const forms = formsOf(key);
  if (!forms.length) return (text) => text;
  const pattern = new RegExp(forms.map(escape).join('|'), 'gi');
  return (text) => text.replace(pattern, MASK);
}

/** Every string in a value, redacted: before it is cut or escaped, when a key can still be told. */
export function redactAll<T>(value: T, redact: Redact): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => redactAll(item, redact)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redactAll(item as unknown, redact)]),
  ) as T;
}

/** The forms of a key that logs, bodies and manifests show: longest first, so that none leaves a rest behind. */
export function formsOf(key: string): string[] {
  if (!key) return [];
  const json = JSON.stringify(key).slice(1, -1);
  const plain = [
    key,
    json,
    goJson(json),
    encodeURIComponent(key),
    new URLSearchParams([['', key]]).toString().slice(1),
    key.replace(/'/g, `'\\''`),
    Buffer.from(key).toString('hex'),
  ];
  return [...new Set([...plain, ...base64Forms(key)])]
    .filter((form) => form.length >= 8)
    .sort((a, b) => b.length - a.length);
}

/** Go's encoding/json escapes these for HTML. */
function goJson(json: string): string {
  return json.replace(/[<>&]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Base64 at three alignments: what stays the same whatever stands before and after. */
function base64Forms(key: string): string[] {
  const stable = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(key)]);
    const start = Math.ceil((before * 8) / 6);
    const end = Math.floor((bytes.length * 8) / 6);
    return bytes.toString('base64').slice(start, end);
  });
  return stable.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
