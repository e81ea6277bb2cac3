import { RunError } from '../errors.js';
import { at, items, member, text } from '../json.js';
import type { DeployInputs } from './deploy.js';
import type { Manifests } from './manifests.js';
import type { KubeObject } from './objects.js';
import { operatorOf, type Operator } from './operators.js';
import { isStarted } from './references.js';
import { definedBy, groupOf, nameOfKind, names } from './stubs.js';

/** A kind of the chart, and what makes something of its objects. */
interface Operated {
  group: string;
  kind: string;
  operator: Operator;
}

/**
 * A definition alone, of the chart (crds/) or of a manifest, has the cluster take objects which nothing makes anything of: a green
 * run of nothing, as a stub would be.
 * @throws RunError that names all kinds of which that is so
 */
export function refuseUnattended(
  objects: KubeObject[],
  { objects: brought, unseen }: Manifests,
  { stubCrds, postInstallCommand }: Pick<DeployInputs, 'stubCrds' | 'postInstallCommand'>,
): void {
  if (unseen || postInstallCommand || brought.some(isStarted)) return;
  const all = [...objects, ...brought];
  const isDefined = definedBy(all);
  const isWanted = (of: Operated) => Array.isArray(stubCrds) && stubCrds.some((entry) => names(entry, of));
  const lost = operatedKinds(objects).filter(
    (of) => isDefined(of.group, of.kind) && !isWanted(of) && !mayBeAttended(of.group, all),
  );
  if (!lost.length) return;
  const said = lost.map((of) => `${nameOfKind(of)}, which is nothing without ${of.operator.name}`);
  throw new RunError(
    'E_OPERATOR',
    'chart',
    `only the definitions of these kinds of the chart are there, and nothing acts on them: ${said.join('; ')}`,
    [...new Set(lost.map(fixOf))].join(' '),
  );
}

function fixOf({ kind, operator: { name, url, instead } }: Operated): string {
  const [way, off] = instead
    ? [`For ${kind}, ${instead}`, 'it']
    : [`Install ${name} by pre-install-manifests (${url})`, kind];
  return `${way}, or switch ${off} off in the values; where nobody need act on it, name it in stub-crds.`;
}

/** The kinds of a render that are nothing without their operator, once each. */
function operatedKinds(objects: KubeObject[]): Operated[] {
  const found = new Map<string, Operated>();
  for (const { apiVersion, kind } of objects) {
    const group = groupOf(apiVersion);
    const operator = operatorOf(group, kind);
    if (operator) found.set(`${group}/${kind}`, { group, kind, operator });
  }
  return [...found.values()];
}

/** Whether a workload of the chart may be the operator: it may look at the objects only where a role lets it. */
function mayBeAttended(group: string, objects: KubeObject[]): boolean {
  const allows = ({ kind, body }: KubeObject) => {
    if (/^(Cluster)?RoleBinding$/.test(kind)) return at(body, 'roleRef', 'name') === 'cluster-admin';
    const rules = /^(Cluster)?Role$/.test(kind) ? items(body['rules']) : [];
    return rules.some((rule) => items(member(rule, 'apiGroups')).some((one) => ['*', group].includes(text(one))));
  };
  return objects.some(isStarted) && objects.some(allows);
}
