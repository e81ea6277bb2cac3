import * as core from '@actions/core';
import type { Log, Runner } from '../ports.js';
import type { Redact } from '../secrets/redact.js';

/** The job log; every line is redacted here, whoever wrote it. */
export function createLog(redact: Redact): Log {
  return {
    info: (line) => core.info(redact(line)),
    warning: (line) => core.warning(redact(line)),
    notice: (line) => core.notice(redact(line)),
    error: (title, line) => core.error(redact(line), { title: redact(title) }),
    openGroup: (title) => core.startGroup(redact(title)),
    closeGroup: () => core.endGroup(),
  };
}

/** The runner's command files; every value is redacted here. */
export function createRunner(redact: Redact): Runner {
  return {
    mask: (secret) => core.setSecret(secret),
    output: (name, value) => core.setOutput(name, redact(value)),
    variable: (name, value) => core.exportVariable(name, redact(value)),
    saveState: (name, value) => core.saveState(name, value),
    summary: async (markdown) => {
      if (process.env['GITHUB_STEP_SUMMARY']) await core.summary.addRaw(redact(markdown), true).write();
    },
  };
}

/** What main saved for post; empty where it saved nothing. */
export function savedState(name: string): string {
  return core.getState(name);
}
