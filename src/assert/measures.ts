/** Measures of retrieval and latency. Pure. */

/** Cosine of the angle between two vectors: 1 for the same direction, 0 for unrelated ones. */
export function cosine(one: number[], other: number[]): number {
  const dot = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  const length = Math.hypot(...one) * Math.hypot(...other);
  return length === 0 ? 0 : dot / length;
}

/** Share of the questions whose answer is among the first `k` hits. `ranks` are 1-based; undefined: not found. */
export function recallAt(k: number, ranks: (number | undefined)[]): number {
  return ranks.filter((rank) => rank !== undefined && rank <= k).length / ranks.length;
}

/** Mean reciprocal rank: 1 where each answer is the first hit, 0 where none is found. */
export function meanReciprocalRank(ranks: (number | undefined)[]): number {
  return ranks.reduce<number>((sum, rank) => sum + (rank === undefined ? 0 : 1 / rank), 0) / ranks.length;
}

/** The nearest-rank percentile, such as 95, of at least one value. */
export function percentile(percent: number, values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}
