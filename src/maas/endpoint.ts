import { isIP } from 'node:net';
import { RunError } from '../errors.js';

/** Where the model service is. */
export interface Endpoint {
  /** The API's base, with its version part and without a slash at the end: https://host/v1. */
  baseUrl: string;
}

/**
 * The base URL of an OpenAI-compatible service from what a user may write: with or without /v1, with slashes at the end,
 * with a query or a fragment (dropped), or the URL of one of its routes.
 * @throws RunError for anything that is no http(s) URL, holds credentials, or names this machine's loopback
 */
export function parseEndpoint(text: string): Endpoint {
  const written = text.trim();
  if (!written)
    throw refuse(
      'is empty',
      'Set maas-endpoint to the base URL of the model service, such as https://maas.example.com/v1.',
    );
  const url = parseUrl(written);
  // a password with a slash, a question mark or a hash in it ends the host early: the rest of it stands behind
  if (written.includes('@')) {
    throw refuse('holds credentials', 'Take user and password out of the URL and pass the key as api-key.');
  }
  if (isLoopback(url.hostname)) {
    throw refuse(
      `names this machine (${url.hostname}), which the pods of the cluster can not reach`,
      "Use an address that pods reach: for a service on the runner's host its docker bridge address (docker network inspect bridge).",
    );
  }
  return { baseUrl: `${url.protocol}//${url.host}${versioned(url.pathname)}` };
}

function parseUrl(written: string): URL {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  // never repeats what was written: it may hold a password
  if (!url?.hostname) throw refuse('is not a URL', 'Write it with its scheme, such as https://maas.example.com/v1.');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refuse('is neither http nor https', 'Write it as https://… (or http://…).');
  }
  return url;
}

function versioned(path: string): string {
  const base = path
    .replace(/\/{2,}/g, '/')
    .replace(/\/$/, '')
    .replace(/(\/(chat\/completions|completions|embeddings|models|responses))+$/, '');
  const hasVersion = base.split('/').some((segment) => /^v\d/.test(segment));
  return hasVersion ? base : `${base}/v1`;
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  if (isIP(host) === 4) return host.startsWith('127.') || host === '0.0.0.0';
  if (isIP(host) === 6) return host === '::1' || host === '::' || /^::(ffff:)?(7f[0-9a-f]{2}:|0:0$)/.test(host);
  return host === 'localhost' || host.endsWith('.localhost');
}

function refuse(what: string, fix: string): RunError {
  return new RunError('E_ENDPOINT', 'inputs', `input maas-endpoint ${what}`, fix);
}
