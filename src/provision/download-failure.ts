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

  /** The same, which says how often it was tried. */
  after(attempts: number): DownloadFailure {
    const { message, status, headers, cause } = this;
    const said = `${message}, ${attempts} times`;
    return new DownloadFailure(said, { headers, cause, ...(status !== undefined && { status }) });
  }
}
