import { messageOf, RunError } from '../errors.js';
import type { Commands } from '../ports.js';
import { toObjects, type KubeObject } from './objects.js';

/** kubectl, bound to our cluster and namespace. */
export interface Kubectl {
  /** Objects of the given kinds in our namespace. */
  get(kinds: string): Promise<KubeObject[]>;
  /** Applies objects, which name their namespace themselves. */
  apply(objects: object[]): Promise<void>;
  /** Standard output of any call, for diagnostics and small questions. @throws RunError where it exits non-zero */
  text(...args: string[]): Promise<string>;
  /** The same of a call that is about no namespace, or about all. */
  clusterText(...args: string[]): Promise<string>;
}

/** An API server that is restarted, or whose connection broke. */
const AWAY = /refused|reset|EOF|TLS handshake|etcdserver|timed out/;

export function createKubectl(path: string, kubeconfig: string, namespace: string, commands: Commands): Kubectl {
  async function call(args: string[], input?: string): Promise<string> {
    const env = { KUBECACHEDIR: `${kubeconfig}-cache` }; // not in the runner's home
    const command = { program: path, args: ['--kubeconfig', kubeconfig, ...args], env, timeoutMs: 60_000 };
    const { code, stdout, stderr, timedOut } = await commands.run(
      input === undefined ? command : { ...command, input },
    );
    if (code === 0) return stdout;
    throw new RunError(
      'E_CLUSTER',
      'cluster',
      `kubectl ${args[0] ?? ''} failed: ${timedOut ? 'no answer in 60 s' : (stderr.trim().split('\n').at(-1) ?? '')}`,
      "Look at the cluster's events below; run again if the node was too busy to answer.",
    );
  }
  const here = ['--namespace', namespace];
  return {
    get: async (kinds) => toObjects(JSON.parse(await call(['get', kinds, ...here, '-o', 'json'])) as unknown),
    apply: async (objects) => {
      if (!objects.length) return;
      // server-side: otherwise kubectl writes what it applies, a Secret's contents too, into an annotation
      const how = ['apply', '--server-side', '--field-manager=maas-e2e-action'];
      const apply = () => call([...how, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
      await apply().catch(async (error: unknown) => {
        if (!AWAY.test(messageOf(error))) throw error;
        return await apply(); // a second time changes nothing
      });
    },
    text: (...args) => call([...args, ...here]),
    clusterText: (...args) => call(args),
  };
}
