import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as core from '@actions/core';
import { parse } from 'yaml';
import { INPUT_NAMES, type RawInputs } from '../inputs.js';
import { at, isRecord, member, text } from '../json.js';
import type { Host } from '../plan.js';
import { givenInputs, type Origin } from '../report/origin.js';
import { formsOf } from '../secrets/forms.js';
import { FRAGMENT } from '../secrets/fragments.js';
import { textsOfViews, unquoted } from '../secrets/views.js';

/**
 * Inputs as the runner hands them over, ends trimmed. The key is taken out of the environment: children that a library
 * starts inherit it.
 */
export function readInputs(): RawInputs {
  const inputs = Object.fromEntries(INPUT_NAMES.map((name) => [name, core.getInput(name)])) as RawInputs;
  delete process.env['INPUT_API-KEY'];
  return inputs;
}

/** @param key is in nothing that it gives */
export function readHost(env: NodeJS.ProcessEnv, key: string): Host {
  return {
    temp: env['RUNNER_TEMP'] ?? tmpdir(),
    workspace: env['GITHUB_WORKSPACE'] ?? process.cwd(),
    platform: { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch },
    environment: jobEnvironment(env, key),
    forkPullRequest: isForkPullRequest(readEvent(env['GITHUB_EVENT_PATH'])),
  };
}

function readEvent(path: string | undefined): unknown {
  try {
    return path ? (JSON.parse(readFileSync(path, 'utf8')) as unknown) : undefined;
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
    given: givenInputs(raw, readDefaults()),
  };
}

/** Defaults of the inputs, from the action.yml beside the bundle; none where that can not be read: then all inputs count as set. */
function readDefaults(): Record<string, string> {
  try {
    const described = at(parse(readFileSync(ACTION_YML, 'utf8')), 'inputs');
    const inputs = Object.entries(isRecord(described) ? described : {});
    return Object.fromEntries(inputs.map(([name, input]) => [name, text(member(input, 'default'))]));
  } catch {
    return {};
  }
}

// beside dist/; written so, the bundler does not take it for an asset
const ACTION_YML = join(dirname(fileURLToPath(import.meta.url)), '..', 'action.yml');

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

/** The environment of child processes: a short list, and nothing that holds the key in any form. */
export function childEnvironment(env: NodeJS.ProcessEnv, key: string): Record<string, string> {
  return withoutKey(env, key, (name) => CHILD_VARIABLES.test(name));
}

/** The inputs, the state that post acts on, and tokens by which a step acts as the job. */
const OF_THE_STEP = /^(INPUT_|STATE_|GITHUB_STATE$|ACTIONS_(RUNTIME|ID_TOKEN|RESULTS|CACHE)_)/;

/** The environment of the job as its steps have it, without the key. */
function jobEnvironment(env: NodeJS.ProcessEnv, key: string): Record<string, string> {
  return withoutKey(env, key, (name) => !OF_THE_STEP.test(name));
}

function withoutKey(env: NodeJS.ProcessEnv, key: string, isNeeded: (name: string) => boolean): Record<string, string> {
  const forms = formsOf(key).filter(({ length }) => length >= FRAGMENT);
  const plain = unquoted(key);
  const isEscaped = (value: string) =>
    plain.length >= FRAGMENT && textsOfViews(value).some((text) => text.includes(plain));
  const holdsKey = (value: string) => forms.some((form) => value.includes(form)) || isEscaped(value);
  const needed = Object.entries(env).filter(
    ([name, value]) => isNeeded(name) && value !== undefined && !holdsKey(value),
  );
  return Object.fromEntries(needed) as Record<string, string>;
}
