import { RunError } from '../errors.js';
import { items, member, text } from '../json.js';
import { containersOf, podSpecOf, type KubeObject } from './objects.js';
import { isStarted } from './references.js';

/** A container whose image the node will not get, or only with a login. */
export interface ImageFinding {
  /** Such as "Deployment rag". */
  workload: string;
  container: string;
  /** Empty where the container names none. */
  image: string;
  /** A relative clause: "which only a cluster of OpenShift has". */
  why: string;
  /** It is no name of an image at all. */
  isMisnamed: boolean;
}

/** `errors`: no pull can succeed. `notes`: one may fail. */
export interface ImageFindings {
  errors: ImageFinding[];
  notes: ImageFinding[];
}

/**
 * Images of a render that a Kind cluster can not pull, whatever the registries answer.
 * @param mayBeLoaded whether a command of the user's may bring them to the node (kind load)
 */
export function unpullable(objects: KubeObject[], mayBeLoaded = false): ImageFindings {
  const found = objects.filter(isStarted).flatMap((workload) => {
    const podSpec = podSpecOf(workload);
    const hasLogin = logsIn(podSpec, objects);
    return containersOf(podSpec).flatMap((container) => {
      const trouble = troubleOf(container, hasLogin);
      if (!trouble) return [];
      const { isCertain, isMisnamed } = trouble;
      const isLoadable = mayBeLoaded && !isMisnamed;
      const why = isLoadable && isCertain ? `${trouble.why}, ${LOADED}` : trouble.why;
      const image = text(member(container, 'image'));
      const names = {
        workload: `${workload.kind} ${workload.name}`,
        container: text(member(container, 'name')),
        image,
      };
      // what a schedule starts is not waited for
      return [
        { finding: { ...names, why, isMisnamed }, isCertain: isCertain && !isLoadable && workload.kind !== 'CronJob' },
      ];
    });
  });
  const those = (isCertain: boolean) =>
    found.filter((one) => one.isCertain === isCertain).map(({ finding }) => finding);
  return { errors: those(true), notes: those(false) };
}

const LOADED = 'unless the command after the install loads it';

/** Findings that a message names; the evidence has all. */
const MOST = 2;

/**
 * Its code is that of the same trouble when a rollout meets it.
 * @param valuesFiles the user's; without any the images are those of the chart's own defaults
 */
export function imageError(findings: ImageFinding[], valuesFiles: string[]): RunError {
  const lines = findings.map(describeImage);
  const more = lines.length > MOST ? [`and ${lines.length - MOST} more`] : [];
  return new RunError(
    findings.every(({ isMisnamed }) => isMisnamed) ? 'E_IMAGE_NAME' : 'E_IMAGE_PULL',
    'chart',
    `images of the chart can not be pulled on Kind: ${[...lines.slice(0, MOST), ...more].join('; ')}`,
    valuesFiles.length
      ? FIX
      : `The input values-file is empty, so these are the chart's defaults: name the values for this run there. ${FIX}`,
    { evidence: more.length ? lines : [] },
  );
}

/** Such as "Deployment rag, container app: image localhost/rag:dev, which is …". */
export function describeImage({ workload, container, image, why }: ImageFinding): string {
  return `${workload}, container ${container}: ${image.trim() ? `image ${image}` : 'no image'}, ${why}`;
}

interface Trouble {
  why: string;
  isCertain: boolean;
  isMisnamed: boolean;
}

const FIX =
  'Set image names in the values that a registry outside of the cluster serves, and a pull policy that lets them be pulled.';

function troubleOf(container: unknown, hasLogin: boolean): Trouble | undefined {
  const image = text(member(container, 'image'));
  const certain = (why: string, isMisnamed = false): Trouble => ({ why, isCertain: true, isMisnamed });
  if (!image.trim()) return certain('which a trigger of OpenShift may fill in, and nothing does here', true);
  if (!isReference(image)) return certain('which is no name of an image', true);
  const host = hostOf(image);
  if (INTERNAL.test(host)) return certain('which only the registry inside an OpenShift cluster has');
  if (/^(localhost|127\.[\d.]+)(:\d+)?$/.test(host)) return certain('which is on the machine that built it');
  if (member(container, 'imagePullPolicy') === 'Never')
    return certain('which is not on the node, and imagePullPolicy is Never');
  if (hasLogin || !PRIVATE.some((pattern) => pattern.test(image))) return undefined;
  return {
    why: 'whose registry wants a login, and the pod has no imagePullSecrets',
    isCertain: false,
    isMisnamed: false,
  };
}

/** Registries that are a Service of a cluster: https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/registry/accessing-the-registry */
const INTERNAL = /^(default-route-openshift-image-registry\..+|.+\.svc|.+\.svc\.cluster\.local)(:\d+)?$/;

/** Where nothing is given without a login; elsewhere it depends on the image. */
const PRIVATE = [
  /^registry\.redhat\.io\//, // https://access.redhat.com/articles/RegistryAuthentication
  /^registry\.connect\.redhat\.com\//,
  /^nvcr\.io\/(nim|nvidia\/(blueprint|nemo-microservices))\//, // https://docs.nvidia.com/nim/large-language-models/latest/getting-started.html
  /^cp\.icr\.io\//,
  /^[^/]+\.azurecr\.io\//,
  /^[^/]+\.dkr\.ecr\.[^/]+\.amazonaws\.com(\.cn)?\//,
];

/** Whether a pod brings a login, its own or that of its ServiceAccount. */
function logsIn(podSpec: unknown, objects: KubeObject[]): boolean {
  const account = text(member(podSpec, 'serviceAccountName')) || text(member(podSpec, 'serviceAccount')) || 'default';
  const accounts = objects.filter(({ kind, name }) => kind === 'ServiceAccount' && name === account);
  return [podSpec, ...accounts.map(({ body }) => body)].some(
    (one) => items(member(one, 'imagePullSecrets')).length > 0,
  );
}

/** The registry that an image names; empty for Docker Hub. https://github.com/distribution/reference/blob/main/normalize.go */
function hostOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()) ? first : '';
}

/** Parts of a reference, as a kubelet reads it: https://github.com/distribution/reference/blob/main/regexp.go */
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

function isReference(image: string): boolean {
  const [named = '', ...digests] = image.split('@');
  const host = hostOf(named);
  const [path = '', ...tags] = named.slice(host ? host.length + 1 : 0).split(':');
  return (
    digests.length < 2 &&
    tags.length < 2 &&
    digests.every((digest) => DIGEST.test(digest)) &&
    tags.every((tag) => TAG.test(tag)) &&
    (host === '' || DOMAIN.test(host)) &&
    path.split('/').every((part) => PATH.test(part))
  );
}
