/** Where a run comes from: what GitHub tells of it, and what the user set. Empty is what is not known. */
export interface Origin {
  /** https://github.com, or an own one. */
  serverUrl: string;
  /** owner/name */
  repository: string;
  /** Name of the workflow's file. */
  workflow: string;
  /** Branch or tag. */
  ref: string;
  runId: string;
  event: string;
  /** What a workflow_dispatch was given, by name. */
  dispatchInputs: Record<string, string>;
  /** The action as the workflow names it: owner/name@version. */
  action: string;
  /** Inputs that are not the defaults, without the key. */
  given: Record<string, string>;
}

/** Inputs whose text may hold secrets of the user's own, which nobody masks in a summary. */
const UNSHOWN = ['api-key', 'set-values', 'secret-keys', 'test-command', 'post-install-command'];

/** Of the inputs those that the user set: what the runner fills in says nothing. */
export function givenInputs(raw: Record<string, string>, defaults: Record<string, string>): Record<string, string> {
  const isGiven = ([name, value]: [string, string]) => value !== '' && value !== (defaults[name] ?? '');
  const shown = Object.entries(raw)
    .filter(isGiven)
    .filter(([name]) => name !== 'api-key');
  return Object.fromEntries(shown.map(([name, value]) => [name, mayBeShown(name, value) ? value : AS_THERE]));
}

/** An address may hold a password, or be signed; of an image what follows the @ is its digest. */
function mayBeShown(name: string, value: string): boolean {
  return !UNSHOWN.includes(name) && (name.endsWith('-image') || !/[@?]|#\S/.test(value));
}

const AS_THERE = '(as in the workflow)';

/** Page of the workflow, where it is started by hand; undefined outside of GitHub. */
export function workflowUrl({ serverUrl, repository, workflow }: Origin): string | undefined {
  if (!isUrl(serverUrl) || !isRepository(repository) || !workflow) return undefined;
  const file = encodeURIComponent(workflow.replace(/\p{Surrogate}/gu, '\ufffd')); // half of a pair can not be in a URL
  return `${serverUrl}/${repository}/actions/workflows/${file.replace(/[!'()*~]/g, inPercent)}`;
}

/** What encodeURIComponent leaves as it is, and Markdown does not. */
function inPercent(char: string): string {
  return `%${char.charCodeAt(0).toString(16)}`;
}

function isUrl(text: string): boolean {
  return /^https?:\/\/[\w.-]+(:\d+)?$/.test(text);
}

function isRepository(text: string): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(text);
}

/** Commands that run it again: the same run, and the workflow with its inputs where it was started by hand. */
export function rerunCommands(origin: Origin): string[] {
  const { repository, runId, workflow, ref, dispatchInputs, event, given } = origin;
  if (!isRepository(repository) || !/^\d+$/.test(runId)) return [];
  const again = `gh run rerun ${runId} --repo ${repository}`;
  if (event !== 'workflow_dispatch' || !workflow) return [again];
  // of what a workflow makes of its inputs nothing is known here: those are shown that the action shows anyhow
  const shown = (value: string) => (value === '' || Object.values(given).includes(value) ? value : '…');
  const fields = Object.entries(dispatchInputs).map(([name, value]) => `-f ${quoted(`${name}=${shown(value)}`)}`);
  return [
    again,
    ['gh workflow run', quoted(workflow), '--repo', repository, '--ref', quoted(ref), ...fields].join(' '),
  ];
}

/**
 * The command that does the same on a machine with docker, in a checkout of the repository. Undefined where the action's own
 * repository is not known, as with `uses: ./`: whoever runs the command hands the key to what it names.
 */
export function reproduceCommand({ action, given }: Origin): string | undefined {
  const [name = '', version = ''] = action.split('@');
  if (!isRepository(name)) return undefined;
  const inputs = Object.entries(given).map(([input, value]) => quoted(`${input}=${value}`));
  return ['npx', '--yes', quoted(`github:${name}#${version || 'v1'}`), ...inputs].join(' ');
}

/** Characters that are not shown, or that turn the direction of what follows: a command must be what it looks like. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex -- these are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu;

/** A word for bash. */
function quoted(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  const inQuotes = text.replaceAll("'", "'\\''");
  return `'${inQuotes.replace(UNSEEN, (char) => `'$'\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}''`)}'`;
}
