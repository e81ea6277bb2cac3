/** Why an answer could not be had, or read, where the system has no code that tells it. */
export class HttpFailure extends Error {
  /**
   * `connection`: none was made, or what came by it is no HTTP; `broken off`: the answer had begun; `too large`: more than
   * was allowed for; `unreadable`: it is not packed as it says; `redirect`: one that is not followed.
   */
  readonly kind: 'connection' | 'broken off' | 'too large' | 'unreadable' | 'redirect';

  constructor(kind: HttpFailure['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HttpFailure';
    this.kind = kind;
  }
}

/** The HttpFailure that an error is, or was made of by somebody in between (the openai client). */
export function httpFailureIn(error: unknown): HttpFailure | undefined {
  if (error instanceof HttpFailure) return error;
  return error instanceof Error && error.cause !== undefined ? httpFailureIn(error.cause) : undefined;
}

/** A number of bytes as people write it: 16 MB, 64 kB. */
export function sizeOf(bytes: number): string {
  const [unit, name] = bytes >= 1024 ** 2 ? [1024 ** 2, 'MB'] : bytes >= 1024 ? [1024, 'kB'] : [1, 'bytes'];
  return `${Math.round((bytes / unit) * 10) / 10} ${name}`;
}
