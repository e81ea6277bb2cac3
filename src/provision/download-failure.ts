/** Why a download did not arrive whole. What the server said, where it said something. */
export class DownloadFailure extends Error {
  readonly status: number | undefined;
  readonly headers: Record<string, string>;

  constructor(message: string, options: { status?: number; headers?: Record<string, string>; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'DownloadFailure';
    this.status = options.status;
    this.headers = options.headers ?? {};
  }
}
