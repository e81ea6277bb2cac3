import type { ErrorCode } from '../../error-codes.js';
import { at } from '../../json.js';
import { ownerOf, type KubeObject } from '../objects.js';
import type { Trouble } from './trouble.js';

/** What a command of the user's may bring: a Secret or ConfigMap that a container needs, an image that is loaded into the node. */
const BROUGHT: ErrorCode[] = ['E_CONTAINER_CONFIG', 'E_IMAGE_PULL', 'E_REGISTRY_LIMIT'];
/** ms until a kubelet has looked again: https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/kubelet/kubelet.go (backOffPeriod) */
const LOOKS_AGAIN_MS = 30_000;

/**
 * The troubles that count although the user's command after the install may mend some: while it runs, or has not begun, those are
 * none; when it has ended, they last until the kubelet has looked again. What a hook lacks it can not mend: it begins after them.
 */
export function troublesBeside(command: 'runs' | 'ended', troubles: Trouble[], objects: KubeObject[]): Trouble[] {
  const hooks = podsOfHooks(objects);
  return troubles.flatMap((trouble) => {
    if (!BROUGHT.includes(trouble.code) || hooks.includes(trouble.pod)) return [trouble];
    return command === 'runs' ? [] : [{ ...trouble, graceMs: Math.max(trouble.graceMs, LOOKS_AGAIN_MS) }];
  });
}

/** Names of the pods that Helm waits for. */
function podsOfHooks(objects: KubeObject[]): string[] {
  const isHook = ({ body }: KubeObject) => at(body, 'metadata', 'annotations', 'helm.sh/hook') !== undefined;
  const jobs = objects.filter((object) => object.kind === 'Job' && isHook(object)).map(({ name }) => name);
  const isOfHook = (pod: KubeObject) => isHook(pod) || jobs.includes(ownerOf(pod)?.name ?? '');
  return objects.filter((object) => object.kind === 'Pod' && isOfHook(object)).map(({ name }) => name);
}
