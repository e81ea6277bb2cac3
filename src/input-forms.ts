import { RunError } from './errors.js';

export function linesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

export function parsePort(name: string, text: string): number | undefined {
  return text ? parseCount(name, text, 65_535) : undefined;
}

export function parsePath(name: string, text: string): string {
  if (!text || /^\/[\x21-\x7e]*$/.test(text)) return text;
  throw refuse(name, `is "${text}"`, 'Write a path that begins with a slash, such as /health.');
}

/** A path in the workspace. */
export function parseInside(name: string, text: string): string {
  if (!/^\/|(^|\/)\.\.?(\/|$)|\/$/.test(text)) return text;
  throw refuse(name, `is "${text}"`, 'Write the path of a file in the workspace, such as results.xml.');
}

/** ms. A number alone is minutes, as in GitHub's own timeout-minutes. @throws RunError */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})\s*(s|m|h)?$/.exec(text);
  const unit = { s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 'm'] ?? 0;
  const ms = Number(match?.[1]) * unit;
  if (!match || ms < 1000 || ms > 6 * 3_600_000) {
    const asMinutes = /^\d+$/.test(text) ? `, which is ${text} minutes` : '';
    const fix = 'Write a duration from 1s to 6h with its unit (s, m or h), such as 30m; a number alone is minutes.';
    throw refuse('timeout', `is "${text}"${asMinutes}`, fix);
  }
  return ms;
}

export function parseCount(name: string, text: string, most: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw refuse(name, `is "${text}"`, `Write a whole number from 1 to ${most}.`);
}

export function parseShare(name: string, text: string): number {
  const share = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (share >= 0 && share <= 1) return share;
  throw refuse(name, `is "${text}"`, 'Write a number from 0 to 1, such as 0.9.');
}

/** @param example a version that the tool has */
export function parseVersion(name: string, text: string, example: string): string {
  const version = text.replace(/^v/, '');
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    throw refuse(name, `is "${text}"`, `Write a full version, such as ${example}.`);
  }
  return version;
}

/** A base URL; its query, which may grant access, stays behind the path. */
export function parseMirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.hash) {
    throw refuse('tools-mirror', 'is no plain http(s) URL', 'Write the base URL of the mirror, without credentials.');
  }
  return text.replace(/\/+$/, '');
}

/** An image. A name that begins with a hyphen would be a flag of the program that takes it. */
export function parseImage(name: string, text: string): string {
  if (/^[\w[][\x21-\x7e]*$/.test(text)) return text;
  throw refuse(name, `is "${text}"`, 'Write an image, such as docker.io/library/caddy:2.');
}

/** A DNS label: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export function parseName(name: string, text: string, longest: number): string {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text) || text.length > longest) {
    throw refuse(name, `is "${text}"`, `Use at most ${longest} lower-case letters, digits and inner hyphens.`);
  }
  return text;
}

/** A DNS subdomain, as names of most objects are. */
export function parseObjectName(name: string, text: string): string {
  if (text.length <= 253 && text.split('.').every((label) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)))
    return text;
  throw refuse(name, `is "${text}"`, 'Use lower-case letters, digits, and inner hyphens and dots.');
}

export function parseBoolean(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw refuse(name, `is "${text}"`, 'Write true or false.');
}

export function refuse(name: string, what: string, fix: string): RunError {
  return new RunError('E_INPUT', 'inputs', `input ${name} ${what}`, fix);
}
