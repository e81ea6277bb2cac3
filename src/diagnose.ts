import { join } from 'node:path';
import { collectDiagnostics } from './deploy/diagnostics.js';
import { createKubectl } from './deploy/kubectl.js';
import { messageOf } from './errors.js';
import type { Job } from './job.js';
import type { Commands } from './ports.js';
import { exportKindLogs } from './provision/kind-logs.js';
import type { Section } from './section.js';

/** What a red run asks the cluster, or of the node where there is no cluster yet. Never throws: it only adds to a failure. */
export async function diagnose({ record, ports }: Job, commands: Commands): Promise<Section[]> {
  const { plan, tools, kubeconfig } = record;
  if (!plan) return [];
  const { cluster, namespace, release, workDir } = plan;
  try {
    if (kubeconfig && tools.kubectl && tools.helm) {
      const kubectl = createKubectl(tools.kubectl.path, kubeconfig, namespace, commands);
      const program = tools.helm.path;
      const helm = async (args: string[]) => {
        const where = ['--kubeconfig', kubeconfig, '--namespace', namespace];
        const { code, stdout, stderr } = await commands.run({ program, args: [...args, release, ...where] });
        if (code !== 0) throw new Error(stderr);
        return stdout;
      };
      return await collectDiagnostics(kubectl, helm);
    }
    const isCreation = record.failure?.hop === 'cluster' && record.failure.code !== 'E_CLUSTER_EXISTS';
    if (tools.kind && isCreation)
      return await exportKindLogs(tools.kind.path, cluster, join(workDir, 'kind-logs'), { ...ports, commands });
    return [];
  } catch (error) {
    return [{ title: 'diagnostics', file: 'diagnostics.txt', lines: [`not complete: ${messageOf(error)}`] }];
  }
}
