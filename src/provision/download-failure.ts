/** What is known of a failure beside its message. */
interface Known {
  status?: number | undefined;
  headers?: Record<string, string>;
  heals?: boolean;
  cause?: unknown;
}

/** Why a download did not arrive whole. What the server said, where it said something. */
export class DownloadFailure extends Error {
  readonly status: number | undefined;
  readonly headers: Record<string, string>;
  /** False where another attempt gets the same, whatever the status: too much, or a redirect that is not followed. */
  readonly heals: boolean;

  constructor(message: string, { status, headers = {}, heals = true, cause }: Known = {}) {
    super(message, { cause });
    this.name = 'DownloadFailure';
    this.status = status;
    this.headers = headers;
    this.heals = heals;
  }

  /** The same, which says how often it was tried. */
  after(attempts: number): DownloadFailure {
    const { message, status, headers, heals, cause } = this;
    return new DownloadFailure(`${message}, ${attempts} times`, { status, headers, heals, cause });
  }
}
