// Everything that Helm and the API server tell of a run's cluster.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';

const run = promisify(execFile);
/** Where the key belongs: the chart's Secret, and Helm's record of what it was given. */
const MAY_HOLD = /^Secret \S+\/(llama-stack-env|sh\.helm\.release\.v1\.\S+)$/;

/** Texts by place, and whether the key may be there; undefined where no cluster answers. */
export async function clusterTexts({ kubeconfig, cluster, namespace, release, cache }) {
  const env = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: cache, HELM_CACHE_HOME: cache };
  const output = async (program, ...args) => {
    try {
      return (await run(program, args, { env, timeout: 60_000, maxBuffer: 2 ** 29 })).stdout;
    } catch (error) {
      return error.stdout || undefined; // a part, where a kind can not be listed
    }
  };
  const names = await output('kubectl', 'api-resources', '--verbs=list', '-o', 'name', '--request-timeout=10s');
  if (!names) return undefined;
  const kinds = [...new Set(names.trim().split('\n'))].join(',');
  const listed = await output('kubectl', 'get', kinds, '-A', '-o', 'json', '--show-managed-fields');
  const objects = JSON.parse(listed ?? '{}').items ?? [];
  const texts = objects.flatMap(textsOfObject);
  for (const what of ['values', 'manifest', 'hooks', 'notes']) {
    const text = await output('helm', 'get', what, release, '--namespace', namespace);
    if (text !== undefined) texts.push(...textsOfHelm(what, text));
  }
  const node = await output('docker', 'inspect', `${cluster}-control-plane`);
  if (node) texts.push({ place: 'docker inspect of the node', text: node });
  return { texts, objects: objects.length, output };
}

function textsOfObject(object) {
  const { kind, metadata, data = {} } = object;
  const place = `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
  const allowed = MAY_HOLD.test(place);
  const text = JSON.stringify(object);
  if (kind !== 'Secret') return [{ place, text }];
  const decoded = Object.entries(data).map(([name, value]) => {
    const plain = Buffer.from(value, 'base64');
    return { place: `${place}, ${name}`, text: isHelms(place) ? unpacked(plain) : plain, allowed };
  });
  return [{ place, text, allowed }, ...decoded];
}

const isHelms = (place) => place.includes('/sh.helm.release.');

/** Helm keeps JSON, gunzipped, in base64, in the base64 of the Secret. */
function unpacked(bytes) {
  const inner = Buffer.from(bytes.toString('latin1'), 'base64');
  try {
    return gunzipSync(inner);
  } catch {
    return inner;
  }
}

/** The values are what Helm was given; of a manifest the chart's Secret alone may hold the key. */
function textsOfHelm(what, text) {
  const place = `helm get ${what}`;
  if (what === 'values') return [{ place, text, allowed: true }];
  if (what !== 'manifest') return [{ place, text }];
  return parseAllDocuments(text).map((document) => {
    const { kind, metadata } = document.toJS() ?? {};
    const allowed = kind === 'Secret' && metadata?.name === 'llama-stack-env';
    return { place: `${place}, ${kind} ${metadata?.name}`, text: String(document), allowed };
  });
}
