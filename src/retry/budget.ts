/** Retries that are saved up at the most, and at the start. */
const MOST = 10;
/** Answers that earn a retry: at the most one call in five is one. */
const ANSWERS = 5;

/**
 * The retries of a whole run. Each takes one, each answer earns a part of one: a short fault is ridden out, and one that
 * lasts is not asked again by every check anew. As gRPC throttles its retries:
 * https://github.com/grpc/proposal/blob/master/A6-client-retries.md#throttling-retry-attempts-and-hedged-rpcs
 */
export class RetryBudget {
  /** In answers, so that it is a whole number. */
  private left: number;

  /** @param most 0: nothing is tried again */
  constructor(private readonly most: number = MOST) {
    this.left = most * ANSWERS;
  }

  /** Whether one more retry is in the budget; it is spent then. */
  take(): boolean {
    if (this.left < ANSWERS) return false;
    this.left -= ANSWERS;
    return true;
  }

  /** A call was answered. */
  earn(): void {
    this.left = Math.min(this.most * ANSWERS, this.left + 1);
  }
}
