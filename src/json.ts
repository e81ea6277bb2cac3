/** Reading of JSON and YAML that somebody else wrote: nothing is assumed, nothing throws. */

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member of a record, or undefined where there is no record. */
export function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

/** A list, or an empty one where the value is none. */
export function items(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A nested member: at(pod, 'status', 'phase'). */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce(member, value);
}
