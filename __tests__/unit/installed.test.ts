import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { refuseShownKey } from '../../src/deploy/installed.js';
import { Helm } from '../../src/deploy/helm.js';
import type { KubeObject } from '../../src/deploy/objects.js';
import type { RawInputs } from '../../src/inputs.js';
import type { Job } from '../../src/job.js';
import { newRecord } from '../../src/report/record.js';
import { failureOf } from '../helpers/failures.js';
import { inputs } from '../helpers/inputs.js';
import { kube } from '../helpers/kube.js';
import { fakeCommands, recordedLog } from '../helpers/memory.js';

const KEY = 'sk-llama-stack-4f9a2c7e81b3';
const config = (text: string) => kube('ConfigMap', 'c', { data: { 'run.yaml': text } });
const yaml = (...objects: KubeObject[]) => objects.map(({ body }) => stringify(body)).join('---\n');

/** A release of which Helm gives this back. */
function installedAs(manifest: string, hooks = '', over: Partial<RawInputs> = {}) {
  const [log, record] = [recordedLog(), newRecord()];
  const job = { ports: { log }, record } as unknown as Job;
  const commands = fakeCommands(({ args }) => ({ stdout: args[1] === 'manifest' ? manifest : hooks }));
  const look = (rendered: KubeObject[] = []) =>
    refuseShownKey(job, inputs({ 'api-key': KEY, ...over }), {
      helm: new Helm('/bin/helm', '/t', commands),
      kubeconfig: '/t/kubeconfig',
      rendered,
    });
  return { look, record, log, ran: commands.ran };
}

describe('what was installed with the real key', () => {
  it('is asked of Helm: the manifest and the hooks of the release', async () => {
    const { look, ran, log } = installedAs(yaml(kube('Secret', 's', { stringData: { key: KEY } })));
    await look();
    expect(ran.map(({ args }) => args.join(' '))).toEqual([
      'get manifest rag --kubeconfig /t/kubeconfig --namespace rag-e2e',
      'get hooks rag --kubeconfig /t/kubeconfig --namespace rag-e2e',
    ]);
    expect(log.lines).toEqual([]);
  });

  it.each([
    ['whole', KEY],
    ['in base64', Buffer.from(KEY).toString('base64')],
    ['cut', KEY.slice(0, -4)],
    ['escaped', JSON.stringify(KEY).replaceAll('-', '\\u002d')],
  ])('ends the run where an object shows the key, %s', async (_, text) => {
    const failure = await failureOf(installedAs(yaml(config(`token: ${text}`))).look);
    expect([failure.code, failure.hop]).toEqual(['E_LITERAL_KEY', 'chart']);
    expect(failure.message).toContain('ConfigMap c (data.run.yaml)');
    expect(failure.message + failure.fix).not.toContain(KEY);
    expect(failure.fix).toContain('allow-literal-key');
  });

  it('ends the run where a hook does, or a Secret outside of its contents', async () => {
    expect((await failureOf(installedAs('', yaml(config(KEY))).look)).code).toBe('E_LITERAL_KEY');
    const labelled = kube('Secret', 's', { metadata: { annotations: { 'x/key': KEY } } });
    expect((await failureOf(installedAs(yaml(labelled)).look)).message).toContain(
      'Secret s (metadata.annotations.x/key)',
    );
  });

  it('goes on with a security note where that is allowed', async () => {
    const { look, record } = installedAs(yaml(config(KEY)), '', { 'allow-literal-key': 'true' });
    await look();
    expect(record.securityNotes).toEqual([expect.stringMatching(/^ConfigMap c \(data\.run\.yaml\): .*no Secret/)]);
  });

  it('may have a word that is in the key by chance: the render without the key has it, too', async () => {
    const rendered = [kube('Service', 'rag-llama-stack')];
    const same = kube('Deployment', 'rag-llama-stack-2', { data: { x: 'llama-stack-' } });
    await expect(installedAs(yaml(same)).look(rendered)).resolves.toBeUndefined();
    expect((await failureOf(() => installedAs(yaml(same, config(KEY))).look(rendered))).message).toContain(
      'ConfigMap c',
    );
    expect((await failureOf(() => installedAs(yaml(config(KEY))).look([config(KEY)]))).code).toBe('E_LITERAL_KEY');
  });

  it('is told where Helm does not give it back', async () => {
    const commands = fakeCommands(() => ({ code: 1, stderr: 'Error: release: not found' }));
    const helm = new Helm('/bin/helm', '/t', commands);
    const failure = await failureOf(() => helm.installed({ release: 'r', namespace: 'n', kubeconfig: '/k' }));
    expect([failure.code, failure.message]).toEqual(['E_CHART_INSTALL', expect.stringContaining('not found')]);
  });

  it('is not looked at where no key is handed out', async () => {
    const { look, ran } = installedAs('', '', { inference: 'off' });
    await look();
    expect(ran).toEqual([]);
  });
});
