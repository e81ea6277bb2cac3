import { assertion, STACK_NAMES, type Case } from './assertion.js';
import { FakeStack, type Route } from './fake-stack.js';
import { failing, httpFailure } from './failures.js';
import { application, type FakeServer } from './servers.js';

/** The checks of the API against a server that is no stack. */
export function judging(server: FakeServer, { subject, ...rest }: Omit<Case, 'server'> = {}) {
  const given = assertion({
    server,
    checks: STACK_NAMES,
    subject: { api: 'openai', uiUrl: undefined, ...subject },
    ...rest,
  });
  const resultOf = (name: string) => given.record.checks.find((check) => check.name === name);
  return { ...given, resultOf };
}

/** A route that fails with a status. */
export const status = (code: number, call: string): (() => never) => failing(httpFailure(code, 'nope', call));

/** An application whose chat does something else than a healthy one. */
export const serving = (stack: Record<string, Route>): FakeServer => application({}, new FakeStack(stack));
