import * as core from '@actions/core';
import type { Log, Runner } from '../ports.js';
import type { Redact } from '../secrets/redact.js';

/** The job log; every line is redacted here, whoever wrote it. */
export function createLog(redact: Redact): Log {
  return {
    info: (text) => core.info(withoutCommands(redact(text))),
    warning: (line) => core.warning(redact(line)),
    notice: (line) => core.notice(redact(line)),
    error: (title, line) => core.error(redact(line), { title: redact(title) }),
    openGroup: (title) => core.startGroup(redact(title)),
    closeGroup: () => core.endGroup(),
  };
}

/**
 * The runner takes `::name::` at the start of a line, and `##[name]` anywhere in it, for a command: what others say (a pod's
 * log, a model's answer) must not be one. https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
function withoutCommands(text: string): string {
  return text.replace(/(^|[\r\n])(\s*):(?=:)/g, '$1$2: ').replaceAll('##[', '# #[');
}

/** The runner's command files; every value is redacted here but the state, which post needs as it is and nobody is shown. */
export function createRunner(redact: Redact): Runner {
  const shown = (name: string, value: string): string => {
    const redacted = redact(value);
    if (redacted !== value)
      core.warning(
        `${name} is not what it should be: it shares eight characters or more with the key, which are masked.`,
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
      if (process.env['GITHUB_STEP_SUMMARY']) await core.summary.addRaw(redact(markdown), true).write();
    },
  };
}

/** To mask a value it must be printed once, for the runner to read; elsewhere that would be a leak. */
function isRunner(env: NodeJS.ProcessEnv): boolean {
  return env['GITHUB_ACTIONS'] === 'true' || Boolean(env['GITHUB_OUTPUT']);
}

/** What main saved for post; empty where it saved nothing. */
export function savedState(name: string): string {
  return core.getState(name);
}
