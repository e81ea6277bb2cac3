import * as core from '@actions/core';
import type { Log, Place, Runner, Tone } from '../ports.js';
import { placeInWords } from '../report/place.js';
import type { Redact, Redactor } from '../secrets/redact.js';

/** Annotations of one step: GitHub shows ten of each kind. Of ours three are left for errors, the last of which comes last. */
const MOST = 10;
const MOST_NOTES = 7;
/** Characters of one, and of its title: GitHub takes 64 KB and 255, and shows less. */
const LONGEST = 3000;
const LONGEST_TITLE = 250;

/** The job log; every line is redacted here, whoever wrote it. What is more than ten annotations is a plain line. */
export function createLog(redact: Redact): Log {
  const hasColours = wantsColours(process.env);
  const given = { notes: 0, all: 0 };
  const said = (text: string) => withoutCommands(redact(text));
  const note = (annotate: (line: string) => void, kind: string, line: string) => {
    if (given.notes === MOST_NOTES || given.all === MOST) return core.info(`${kind}: ${said(line)}`);
    given.notes += 1;
    given.all += 1;
    annotate(shortened(redact(line)));
  };
  return {
    info: (text, tone) => core.info(hasColours && tone ? coloured(said(text), tone) : said(text)),
    debug: (line) => {
      if (isDebug()) core.debug(redact(line));
    },
    warning: (line) => note(core.warning, 'Warning', line),
    notice: (line) => note(core.notice, 'Notice', line),
    error: (title, line, place) => {
      const where = place ? ` (${said(placeInWords(place))})` : '';
      if (given.all === MOST) return core.info(`Error: ${said(title)}: ${said(line)}${where}`);
      given.all += 1;
      core.error(shortened(redact(line)), {
        title: redact(title).slice(0, LONGEST_TITLE),
        ...properties(place, redact),
      });
    },
    openGroup: (title) => core.startGroup(redact(title)),
    closeGroup: () => core.endGroup(),
  };
}

function properties(place: Place | undefined, redact: Redact): core.AnnotationProperties {
  return place ? { file: redact(place.file), ...(place.line !== undefined && { startLine: place.line }) } : {};
}

function shortened(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

/** The runner's log shows ANSI colours, as does a terminal: https://no-color.org */
function wantsColours(env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  return env['GITHUB_ACTIONS'] === 'true' || process.stdout.isTTY;
}

function coloured(text: string, tone: Tone): string {
  const colour = { good: 32, bad: 31 }[tone];
  return text.replace(/.+/g, `\u001b[${colour}m$&\u001b[0m`);
}

/**
 * The runner takes `::name::` at the start of a line, and `##[name]` anywhere in it, for a command: what others say (a pod's
 * log, a model's answer) must not be one. https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
function withoutCommands(text: string): string {
  return text.replace(/(^|[\r\n])([\s\u0085]*):(?=:)/g, '$1$2: ').replaceAll('##[', '# #[');
}

/**
 * The runner's command files; every value is redacted here but the state, which post needs as it is and nobody is shown.
 * @param warn is told of a value that is not what it should be
 */
export function createRunner(redactor: Redactor, warn: (line: string) => void): Runner {
  const shown = (name: string, value: string): string => {
    const redacted = redactor.redact(value);
    if (redacted !== value)
      warn(
        `${name} is not what it should be: it shares eight characters or more with the ${redactor.namesIn(value).join(', the ')}, which are masked.`,
      );
    return redacted;
  };
  return {
    mask: (secret) => {
      if (isRunner(process.env)) core.setSecret(secret);
    },
    output: (name, value) => core.setOutput(name, shown(`output ${name}`, value)),
    variable: (name, value) => core.exportVariable(name, shown(`variable ${name}`, value)),
    saveState: (name, value) => core.saveState(name, value),
    summary: async (markdown) => {
      if (process.env['GITHUB_STEP_SUMMARY']) await core.summary.addRaw(redactor.redact(markdown), true).write();
    },
  };
}

/** Whether the user has debug logging on (ACTIONS_STEP_DEBUG). */
export function isDebug(): boolean {
  return core.isDebug();
}

/** To mask a value it must be printed once, for the runner to read; elsewhere that would be a leak. */
function isRunner(env: NodeJS.ProcessEnv): boolean {
  return env['GITHUB_ACTIONS'] === 'true' || Boolean(env['GITHUB_OUTPUT']);
}

/** What main saved for post; empty where it saved nothing. */
export function savedState(name: string): string {
  return core.getState(name);
}
