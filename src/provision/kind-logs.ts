import { messageOf } from '../errors.js';
import type { Ports } from '../ports.js';
import { linesOf, type Section } from '../section.js';

/** Deadline of the export, in ms, and files that are taken of it. */
const EXPORT_MS = 40_000;
const MOST_FILES = 60;

/**
 * The logs of a node whose creation failed: journals, kubelet, containerd, pods of the control plane. No key has been in
 * such a cluster; it is redacted like everything else all the same.
 *
 * @param folder where kind puts them, removed afterwards
 */
export async function exportKindLogs(
  kind: string,
  cluster: string,
  folder: string,
  { commands, files }: Pick<Ports, 'commands' | 'files'>,
): Promise<Section[]> {
  const args = ['export', 'logs', folder, '--name', cluster];
  const { code, stderr } = await commands.run({ program: kind, args, timeoutMs: EXPORT_MS });
  const sections: Section[] = [];
  if (code !== 0) sections.push({ title: 'kind export logs', file: 'kind/export.txt', lines: linesOf(stderr) });
  for (const path of (await files.list(folder)).sort().slice(0, MOST_FILES)) {
    const name = path.slice(folder.length + 1);
    const lines = linesOf((await files.read(path).catch((error: unknown) => messageOf(error))) ?? '');
    sections.push({ title: `kind: ${name}`, file: `kind/${name}`, lines });
  }
  await files.remove(folder);
  return sections;
}
