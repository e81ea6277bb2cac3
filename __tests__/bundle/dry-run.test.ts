import { describe, expect, it } from 'vitest';
import { wholeRun } from '../helpers/whole-run.js';

/** A helm whose chart renders objects; `$overlay` is what it was handed on standard input. */
const helm = (render: string) => `case "$1" in template) overlay=$(cat); cat <<EOF\n${render}\nEOF\n;; esac`;
const STACK =
  'apiVersion: v1\nkind: Service\nmetadata: {name: llamastack}\nspec: {selector: {app: s}, ports: [{port: 8321}]}';
const POD =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {app: s}}\nspec: {containers: [{name: c, image: acme/c:1}]}';
const ROUTE = `apiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: rag}\n---\n${STACK}\n---\n${POD}`;
const SHOWING = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: run-config}\ndata: {config: $overlay}\n---\n${ROUTE}`;
const KEPT = `apiVersion: v1\nkind: Secret\nmetadata: {name: env}\nstringData: {all: $overlay}\n---\n${ROUTE}`;
const DRY = { 'dry-run': 'true' };

describe('a dry run', () => {
  it('is green without docker, kind and kubectl, and says how the service is wired in', async () => {
    const { main, outputs, fetched, asked, left, leaks, shown } = await wholeRun({
      inputs: DRY,
      docker: 'exit 1',
      programs: { helm: helm(KEPT) },
    });
    expect([main.code, outputs['result'], outputs['mode'], left, leaks]).toEqual([0, 'planned', 'dry-run', [], []]);
    expect(fetched.filter((path) => !path.includes('helm'))).toEqual([]);
    expect(asked.length).toBeGreaterThan(0);
    expect(main.log).toMatch(/chart: wiring llama-stack, because .* its key into Secret env/);
    expect(main.log).toMatch(/stub definitions for Route\.route\.openshift\.io: nothing acts on these objects/);
    expect(main.log).toMatch(/api llama-stack; 4 objects/);
    expect(shown).toContain('## 📝 MaaS E2E: planned (wiring `llama-stack`; nothing was deployed)');
  });

  it('is red where a real run would be: the key in an object that is no Secret', async () => {
    const given = { inputs: { ...DRY, wiring: 'llama-stack' }, programs: { helm: helm(SHOWING) } };
    const { main, error, outputs, leaks } = await wholeRun(given);
    expect([main.code, outputs['error-code'], leaks]).toEqual([1, 'E_LITERAL_KEY', []]);
    expect(error).toMatch(/would write the key into ConfigMap run-config.*Fix: .*allow-literal-key/);
  });

  it('is let through where that is allowed, with a note', async () => {
    const inputs = { ...DRY, wiring: 'llama-stack', 'allow-literal-key': 'true' };
    const { main, outputs } = await wholeRun({ inputs, programs: { helm: helm(SHOWING) } });
    expect([main.code, outputs['result']]).toEqual([0, 'planned']);
    expect(main.log).toMatch(/^::warning::ConfigMap run-config \(data\.config\S*\): the chart writes the key/m);
  });

  it('is red for a placeholder that there is not, before anything is asked or fetched', async () => {
    const files = { 'values.yaml': 'llm:\n  key: ${MAAS_KEY}\n' };
    const { error, outputs, asked, fetched } = await wholeRun({ inputs: DRY, files });
    expect([outputs['error-code'], asked, fetched]).toEqual(['E_VALUES', [], []]);
    expect(error).toMatch(/values file values\.yaml, line 2, column 8: \$\{MAAS_KEY\} is no placeholder/);
  });

  it('is red where there is no stack, and nothing else is named', async () => {
    const { outputs } = await wholeRun({
      inputs: { ...DRY, wiring: 'none' },
      programs: { helm: helm('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}') },
    });
    expect(outputs['error-code']).toBe('E_NO_STACK');
  });

  it('is red where no wiring fits', async () => {
    const { outputs, error } = await wholeRun({ inputs: DRY, programs: { helm: helm(ROUTE) } });
    expect(outputs['error-code']).toBe('E_WIRING');
    expect(error).toMatch(/Fix: .*\$\{MAAS_BASE_URL\}/);
  });
});
