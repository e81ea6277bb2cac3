// What a key looks like after programs have handled it. Written down here again, and not taken from src/secrets: an audit
// that asks the redactor what to look for finds what the redactor knows.
import { createHash } from 'node:crypto';
import { URLSearchParams } from 'node:url';
import { readingsOf } from './readings.mjs';

/** Characters of a form that tell something of the key. */
const FRAGMENT = 8;
/** Characters of hex that say as much as eight of base64. */
const HEX_FRAGMENT = 12;
/** A fragment with fewer characters of the key, and more of an escape, is one that other texts have too ... */
const TELLING = 5;
/** ... and tells something where it goes on for so long. */
const WEAK_FRAGMENT = 16;
/** Characters that are looked at first; eight characters hold the beginning of such a block at a multiple of STRIDE. */
const BLOCK = 4;
const STRIDE = FRAGMENT - BLOCK + 1;
const HASH_BITS = 22;

const json = (text) => JSON.stringify(text).slice(1, -1);
const unicode = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
const percent = (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
const goJson = (text) => json(text).replace(/[<>&]/g, unicode);
const url = (text) => encodeURIComponent(text).replace(/[!'()*]/g, percent);
const html = (text, apostrophe, quote) =>
  text.replace(/[&<>'"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": apostrophe, '"': quote })[char]);
const sha256 = (text, encoding) => createHash('sha256').update(text).digest(encoding);

/** How programs write a text, character by character. */
export const WRITTEN = {
  raw: (text) => text,
  JSON: json,
  'Go-JSON': goJson,
  URL: encodeURIComponent,
  'URL, strict': url,
  form: (text) => new URLSearchParams({ k: text }).toString().slice(2),
  'shell quotes': (text) => text.replaceAll("'", () => `'\\''`),
  "Python's shell quotes": (text) => text.replaceAll("'", () => `'"'"'`),
  'double quotes of a shell': (text) => text.replace(/["$`\\]/g, (char) => `\\${char}`),
  'backslashes of a shell': (text) => text.replace(/[^\w@%+=:,./-]/g, (char) => `\\${char}`),
  'YAML quotes': (text) => text.replaceAll("'", () => "''"),
  "Python's repr": (text) => text.replace(/[\\']/g, (char) => `\\${char}`),
  HTML: (text) => html(text, '&#39;', '&#34;'),
  XML: (text) => html(text, '&apos;', '&quot;'),
  Markdown: (text) =>
    text
      .replace(/[\\`*_[\]|~#]/g, (char) => `\\${char}`)
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;'),
};

/** Base64 of a text that stands anywhere in a longer one: what neither neighbour changes. */
function inBase64(text) {
  return [0, 1, 2].flatMap((lead) => {
    const length = Buffer.byteLength(text);
    const encoded = Buffer.concat([Buffer.alloc(lead), Buffer.from(text)]).toString('base64');
    const stable = encoded.slice(Math.ceil((lead * 4) / 3), Math.floor(((lead + length) * 4) / 3));
    return [stable, stable.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** https://www.rfc-editor.org/rfc/rfc4648#section-6, without what fills the end up. */
export function inBase32(text) {
  let out = '';
  let [value, bits] = [0, 0];
  for (const byte of Buffer.from(text)) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) out += BASE32[(value >> (bits - 5)) & 31];
  }
  return out;
}

/** The same of a text that stands anywhere in a longer one. */
const inAnyBase32 = (text) =>
  [0, 1, 2, 3, 4].map((lead) => inBase32('k'.repeat(lead) + text).slice(Math.ceil((lead * 8) / 5)));

/** The same, twice. */
const WRITTEN_TWICE = {
  'JSON in JSON': (text) => json(json(text)),
  'Go-JSON in Go-JSON': (text) => goJson(goJson(text)),
  'JSON in Go-JSON': (text) => goJson(json(text)),
  'Go-JSON in JSON': (text) => json(goJson(text)),
  'URL in a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  'strict URL in a URL': (text) => url(url(text)),
};

/** All forms: { name, text, pieces? }. Those that are written character by character have the pieces. */
export function formsOf(key) {
  const written = Object.entries({ ...WRITTEN, ...WRITTEN_TWICE }).map(([name, write]) => ({
    name,
    text: write(key),
    pieces: Array.from(key, write),
  }));
  const jsons = [key, json(key), goJson(key)];
  const encoded = jsons.flatMap(inBase64);
  const twice = [key, json(key)].flatMap(inBase64).flatMap(inBase64);
  const named = (name, ...texts) => texts.map((text) => ({ name, text }));
  return [
    ...written,
    ...named('base64', ...encoded),
    ...named('double base64', ...twice),
    ...named('base64 in a URL', ...[...encoded, ...twice].map(encodeURIComponent)),
    ...named('base32', ...inAnyBase32(key)),
    ...named('hex', Buffer.from(key).toString('hex')),
    ...named('SHA-256', sha256(key, 'hex'), sha256(`${key}\n`, 'hex')),
    ...named('SHA-256 in base64', sha256(key, 'base64'), sha256(key, 'base64url'), sha256(`${key}\n`, 'base64')),
  ];
}

/** Every eight characters of a form: { fragment, weak }. */
function* fragmentsOf({ text, pieces }) {
  const sources = pieces?.flatMap((piece, index) => Array.from(piece, () => index));
  const low = text.toLowerCase();
  for (let at = 0; at + FRAGMENT <= low.length; at += 1) {
    const weak = sources !== undefined && sources[at + FRAGMENT - 1] - sources[at] + 1 < TELLING;
    yield { fragment: low.slice(at, at + FRAGMENT), weak };
  }
}

const LOWER = Uint8Array.from({ length: 256 }, (_, code) => (code >= 65 && code <= 90 ? code + 32 : code));
const IS_HEX = Uint8Array.from({ length: 256 }, (_, code) => (/[0-9a-f]/i.test(String.fromCharCode(code)) ? 1 : 0));

function hashAt(bytes, at) {
  const block =
    LOWER[bytes[at]] | (LOWER[bytes[at + 1]] << 8) | (LOWER[bytes[at + 2]] << 16) | (LOWER[bytes[at + 3]] << 24);
  return Math.imul(block, 0x9e3779b1) >>> (32 - HASH_BITS);
}

/** Bytes of the largest text that is read in other ways than as it is; a larger one is a download. */
const READABLE = 4 * 2 ** 20;
/** Characters of a form before the line break in it: with fewer the rest says it all, and is looked for by itself. */
const BEFORE_BREAK = 3;

/**
 * Looks for one key in any text: every eight characters of every form, in any case of letters. Most of a text is passed
 * over by one look at every fifth character, so that megabytes take milliseconds.
 *
 * What looks like a form by chance is left out: eight characters of hex in a longer run of hex (digests and ids are full of
 * those), and eight that are an escape and little else (`\u003cAb` is in every page about HTML).
 */
export function createScanner(key) {
  const fragments = new Map();
  const blocks = new Uint8Array(1 << HASH_BITS);
  for (const form of formsOf(key))
    for (const { fragment, weak } of fragmentsOf(form)) {
      if (fragments.get(fragment)?.weak ?? true) fragments.set(fragment, { name: form.name, weak });
      const bytes = Buffer.from(fragment, 'latin1');
      for (let block = 0; block + BLOCK <= FRAGMENT; block += 1) blocks[hashAt(bytes, block)] = 1;
    }
  const fragmentAt = (bytes, at) => fragments.get(bytes.latin1Slice(at, at + FRAGMENT).toLowerCase());

  /** From a fragment on as far as the form goes. */
  function spanFrom(bytes, at, first) {
    let { name, weak } = first;
    let end = at + FRAGMENT;
    for (; end < bytes.length; end += 1) {
      const next = fragmentAt(bytes, end - FRAGMENT + 1);
      if (!next) break;
      if (weak && !next.weak) ({ name, weak } = next);
    }
    return { form: name, weak, at, end };
  }

  /** Where the key is, with the name of the form and never the text: [{ form, at, length }]. Where it is not written, what the
   * text stands for is looked at: [{ form, length }]. */
  function scan(text) {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    const found = scanBytes(bytes);
    if (found.length > 0 || bytes.length > READABLE || bytes.subarray(0, 8192).includes(0)) return found;
    return readingsOf(bytes.toString()).flatMap(({ how, text: read, breaks }) =>
      scanBytes(Buffer.from(read, 'latin1'))
        .filter((span) => !breaks || isTellingOver(breaks, span))
        .map(({ form, length }) => ({ form: `${form} (${how})`, length })),
    );
  }

  function scanBytes(bytes) {
    const found = [];
    let passed = 0; // what is before is told
    for (let block = 0; block + BLOCK <= bytes.length; block += STRIDE) {
      if (blocks[hashAt(bytes, block)] === 0) continue;
      const last = Math.min(block, bytes.length - FRAGMENT);
      for (let at = Math.max(passed, block - STRIDE + 1); at <= last; at += 1) {
        const first = fragmentAt(bytes, at);
        if (!first) continue;
        const span = spanFrom(bytes, at, first);
        if (isChance(bytes, span)) continue;
        found.push({ form: span.form, at, length: span.end - at });
        passed = span.end;
        break;
      }
    }
    return found;
  }

  return { scan, holds: (text) => scan(text).length > 0 };
}

/** Whether a part of a form that goes over line breaks is one that is told by what stands before them, or goes over none. */
function isTellingOver(breaks, { at, length }) {
  const first = breaks.find((place) => place > at);
  return first === undefined || first >= at + length || first - at >= BEFORE_BREAK || length - (first - at) >= FRAGMENT;
}

function isChance(bytes, { form, weak, at, end }) {
  if (weak) return end - at < WEAK_FRAGMENT;
  if (!['hex', 'SHA-256'].includes(form) || end - at >= HEX_FRAGMENT) return false;
  return IS_HEX[bytes[at - 1] ?? 0] === 1 || IS_HEX[bytes[end] ?? 0] === 1;
}
