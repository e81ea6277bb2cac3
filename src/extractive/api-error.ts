/** A failure that the client is told, in the form of the OpenAI API. Any other error is the server's own. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** What a client is told of anything thrown: of an ApiError its status, of JSON that is none 400, of all else 500. */
export function errorResponse(thrown: unknown): Response {
  const status = thrown instanceof ApiError ? thrown.status : thrown instanceof SyntaxError ? 400 : 500;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return Response.json({ error: { message, code: status } }, { status });
}
