/** Why a call to an API gave no usable answer. Thrown by the adapter; what it means depends on who was called. */
export class ApiFailure extends Error {
  /** `stream`: a stream that carried an error, or was cut. */
  readonly kind: 'status' | 'timeout' | 'connection' | 'shape' | 'stream';
  /** Method and path. */
  readonly call: string;
  /** HTTP status, where one came. */
  readonly status: number | undefined;
  /** What the server said, at most 300 characters; or the system's error code. */
  readonly detail: string;
  readonly headers: Record<string, string>;

  constructor(
    kind: ApiFailure['kind'],
    call: string,
    detail: string,
    options: { status?: number; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    const what = options.status === undefined ? kind : `HTTP ${options.status}`;
    super(`${call}: ${what}${detail ? ` (${detail})` : ''}`, { cause: options.cause });
    this.name = 'ApiFailure';
    this.kind = kind;
    this.call = call;
    this.status = options.status;
    this.detail = detail;
    this.headers = options.headers ?? {};
  }
}

/**
 * Whether a rate was exceeded. Gateways say it under other statuses (3scale: 403 "Limits exceeded"), the stack hands it on
 * as 500 or 400 and inside of streams: the text counts too.
 */
export function isRateLimit({ status = 0, detail }: ApiFailure): boolean {
  if (status === 429 || /too many requests|\brate.?limit|throttl/i.test(detail)) return true;
  // of a request that is too large or too long they say it, too
  return ![400, 413, 422].includes(status) && /\blimits? (has been )?exceeded/i.test(detail);
}

/** Headers that tell of rate limits. */
export function rateLimitHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /rate-?limit|^retry-after$/i.test(name)));
}

/** A connection that no waiting heals: a host that is not there, a certificate that is not trusted. */
export function isMisconfigured({ kind, detail }: ApiFailure): boolean {
  return kind === 'connection' && /^(ENOTFOUND|EPROTO|UNABLE_TO_|ERR_(TLS|SSL)_)|CERT/.test(detail);
}

/** A limit that no waiting heals: https://platform.openai.com/docs/guides/error-codes#api-errors */
export function isQuotaSpent({ detail }: ApiFailure): boolean {
  return /insufficient.quota|billing|no subscription/i.test(detail);
}

/** A body as one line of at most 300 characters, for messages. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
