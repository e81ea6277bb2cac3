import { at, isRecord, items, member, text } from '../json.js';
import { formsOf } from '../secrets/forms.js';
import { containersOf, podSpecOf, type KubeObject } from './objects.js';
import { KEY_VARIABLE } from './values.js';

/** Where a chart shows the key to more than its Secret does: names of objects and containers. */
export interface KeyExposure {
  /** Put it on a command line inside a pod. */
  commands: string[];
  /** Hold it outside of any Secret. */
  literals: string[];
}

/** @param standIn what the render had in place of the key */
export function keyExposure(objects: KubeObject[], standIn: string): KeyExposure {
  const forms = formsOf(standIn);
  const holds = (value: unknown) => {
    const written = JSON.stringify([value]);
    return forms.some((form) => written.includes(form));
  };
  const secrets = objects.filter(({ kind }) => kind === 'Secret');
  const commands = objects.flatMap((object) =>
    containersOf(podSpecOf(object))
      .filter((container) => isOnCommandLine(container, keyVariables(container, secrets, holds), holds))
      .map((container) => `${object.kind} ${object.name}, container ${text(member(container, 'name'))}`),
  );
  const literals = objects
    .filter(({ kind, body }) => kind !== 'Secret' && holds(body))
    .map(({ kind, name }) => `${kind} ${name}`);
  return { commands, literals };
}

type Holds = (value: unknown) => boolean;

/** Variables of a container that hold the key: written there, or taken from a Secret of the chart. */
function keyVariables(container: unknown, secrets: KubeObject[], holds: Holds): string[] {
  const members = (name: unknown) => {
    const body = secrets.find((secret) => secret.name === name)?.body ?? {};
    const values = [body['data'], body['stringData']].flatMap((part) => (isRecord(part) ? Object.entries(part) : []));
    return values.filter(([, value]) => holds(value)).map(([key]) => key);
  };
  const single = items(member(container, 'env')).filter((variable) => {
    const { name, key } = recordAt(variable, 'valueFrom', 'secretKeyRef');
    return holds(member(variable, 'value')) || members(name).some((candidate) => candidate === key);
  });
  const whole = items(member(container, 'envFrom')).flatMap((source) =>
    members(at(source, 'secretRef', 'name')).map((key) => `${text(member(source, 'prefix'))}${key}`),
  );
  return [...single.map((variable) => text(member(variable, 'name'))), ...whole];
}

/**
 * The kubelet puts the value in place of $(NAME): https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
 * The stack's charts do the same for ${env.NAME} in a container that waits for models.
 */
function isOnCommandLine(container: unknown, variables: string[], holds: Holds): boolean {
  const line = [member(container, 'command'), member(container, 'args')];
  const written = JSON.stringify(line);
  return (
    holds(line) ||
    written.includes(`env.${KEY_VARIABLE}`) ||
    variables.some((name) => new RegExp(`(?<!\\$)\\$\\(${name.replace(/[.-]/g, '\\$&')}\\)`).test(written))
  );
}

function recordAt(value: unknown, ...path: string[]): Record<string, unknown> {
  const found = at(value, ...path);
  return isRecord(found) ? found : {};
}
