import { refuse } from './input-forms.js';
import type { RawInputs } from './inputs.js';

/** An input that says something, and another one because of which nothing would come of it. */
interface Conflict {
  input: keyof RawInputs;
  isIdle: (raw: RawInputs) => boolean;
  /** After "input X". */
  what: string;
  fix: string;
}

/** What a matrix may combine (no model, and a test that needs the key) is none. */
const CONFLICTS: Conflict[] = [
  {
    input: 'test-report',
    isIdle: (raw) => raw['test-report'] !== '' && !raw['test-command'],
    what: 'is set, and test-command is empty',
    fix: 'Say by test-command what writes it.',
  },
  {
    input: 'test-needs-key',
    isIdle: (raw) => raw['test-needs-key'] === 'true' && !raw['test-command'],
    what: 'is true, and test-command is empty',
    fix: 'Say by test-command what needs it.',
  },
  {
    input: 'on-budget',
    isIdle: (raw) =>
      ['stop', 'fail'].includes(raw['on-budget']) &&
      ![raw['token-budget'], raw['request-budget'], raw['cost-budget']].some(Boolean),
    what: 'is set, and there is no budget',
    fix: 'Set token-budget, request-budget or cost-budget.',
  },
  {
    input: 'checks',
    isIdle: (raw) => raw.api === 'none' && raw.checks !== 'all',
    what: 'is set, and api is none: no check knows such an API',
    fix: 'Leave checks out, or say by api what the chart serves.',
  },
  {
    input: 'api-base-path',
    isIdle: (raw) => raw.api === 'none' && raw['api-base-path'] !== '',
    what: 'is set, and api is none',
    fix: "Leave it out: it is the path of OpenAI's routes. The path of the health is health-path.",
  },
  {
    input: 'health-path',
    isIdle: (raw) => ['llama-stack', 'openai'].includes(raw.api) && raw['health-path'] !== '',
    what: 'is set, and the API is one that is asked by its own routes',
    fix: 'Leave it out, or set api to none.',
  },
];

/** @throws RunError where an input would be without effect in silence */
export function refuseConflicts(raw: RawInputs): void {
  const found = CONFLICTS.find(({ isIdle }) => isIdle(raw));
  if (found) throw refuse(found.input, found.what, found.fix);
}
