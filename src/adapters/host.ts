import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import * as core from '@actions/core';
import { DEFAULTS, withDefaults, type RawInputs } from '../input-defaults.js';
import { at, isRecord, member } from '../json.js';
import type { Host } from '../plan.js';
import { givenInputs, type Origin } from '../report/origin.js';
import { withoutSecrets } from '../secrets/environment.js';
import type { Secret } from '../secrets/secret.js';
import { AT_ONCE } from './read.js';

/**
 * Inputs as the runner hands them over, ends trimmed and defaults filled in. The key is taken out of the environment: children that a library
 * starts inherit it.
 */
export function readInputs(): RawInputs {
  const inputs = withDefaults((name) => core.getInput(name));
  delete process.env['INPUT_API-KEY'];
  return inputs;
}

/** @param secrets are in nothing that it gives */
export function readHost(env: NodeJS.ProcessEnv, secrets: Secret[]): Host {
  return {
    temp: env['RUNNER_TEMP'] ?? tmpdir(),
    workspace: env['GITHUB_WORKSPACE'] ?? process.cwd(),
    platform: { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch },
    environment: withoutSecrets(ofJob(env), secrets).kept,
    forkPullRequest: isForkPullRequest(readEvent(env['GITHUB_EVENT_PATH'])),
  };
}

/** Bytes of an event that are read; GitHub caps payloads at 25 MB: https://docs.github.com/webhooks/webhook-events-and-payloads */
const MOST_OF_EVENT = 32 * 1024 * 1024;

/** Before the run begins nothing could end a read that hangs: what is no file of that size is no event. */
function readEvent(path: string | undefined): unknown {
  if (!path) return undefined;
  try {
    const file = openSync(path, AT_ONCE);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile() || stats.size > MOST_OF_EVENT) return undefined;
      return JSON.parse(readFileSync(file, 'utf8')) as unknown;
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request */
export function isForkPullRequest(event: unknown): boolean {
  const [head, base] = ['head', 'base'].map((side) => at(event, 'pull_request', side, 'repo', 'full_name'));
  // the repository of a deleted fork is null
  return isRecord(event) && member(event, 'pull_request') !== undefined && head !== base;
}

/** What GitHub tells of the run: https://docs.github.com/actions/reference/workflows-and-actions/variables */
export function readOrigin(env: NodeJS.ProcessEnv, raw: RawInputs): Origin {
  const of = (name: string) => env[`GITHUB_${name}`] ?? '';
  // owner/name/.github/workflows/file.yml@refs/heads/main
  const workflow = basename(of('WORKFLOW_REF').split('@')[0] ?? '');
  const action = of('ACTION_REPOSITORY') && `${of('ACTION_REPOSITORY')}@${of('ACTION_REF')}`;
  const dispatched = of('EVENT_NAME') === 'workflow_dispatch' ? member(readEvent(of('EVENT_PATH')), 'inputs') : {};
  const texts = Object.entries(isRecord(dispatched) ? dispatched : {}).map(([name, value]) => [name, String(value)]);
  return {
    serverUrl: of('SERVER_URL'),
    repository: of('REPOSITORY'),
    workflow,
    ref: of('REF_NAME'),
    runId: of('RUN_ID'),
    event: of('EVENT_NAME'),
    dispatchInputs: Object.fromEntries(texts) as Record<string, string>,
    action,
    given: givenInputs(raw, DEFAULTS),
  };
}

/**
 * What kind, kubectl, helm and docker read; the inputs, and so the key, are not among it. Of docker's what its client reads,
 * and not any DOCKER_PASSWORD: https://docs.docker.com/reference/cli/docker/#environment-variables
 */
const CHILD_VARIABLES = new RegExp(
  `^(${[
    'PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|LANG|LC_\\w+|TZ|XDG_\\w+',
    'DOCKER_(HOST|CONTEXT|CONFIG|AUTH_CONFIG|CERT_PATH|TLS|TLS_VERIFY|API_VERSION|DEFAULT_PLATFORM)',
    'KIND_EXPERIMENTAL_\\w+|HELM_REGISTRY_CONFIG|SSL_CERT_\\w+|(https?|no|all)_proxy',
  ].join('|')})$`,
  'i',
);

/** The environment of child processes: a short list, and nothing that holds a secret in any form. */
export function childEnvironment(env: NodeJS.ProcessEnv, secrets: Secret[]): Record<string, string> {
  return withoutSecrets(
    only(env, (name) => CHILD_VARIABLES.test(name)),
    secrets,
  ).kept;
}

/** Names of the job's variables that no command of the user gets, as they hold a secret. */
export function withheldVariables(env: NodeJS.ProcessEnv, secrets: Secret[]): string[] {
  return withoutSecrets(ofJob(env), secrets).withheld;
}

/** The inputs, the state that post acts on, and tokens by which a step acts as the job. */
const OF_THE_STEP = /^(INPUT_|STATE_|GITHUB_STATE$|ACTIONS_(RUNTIME|ID_TOKEN|RESULTS|CACHE)_)/;

/** The environment of the job as its steps have it. */
function ofJob(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return only(env, (name) => !OF_THE_STEP.test(name));
}

function only(env: NodeJS.ProcessEnv, isNeeded: (name: string) => boolean): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isNeeded(name)));
}
