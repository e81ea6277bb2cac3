import type { DryRun, RunRecord } from './record.js';

/** What a dry run that found nothing wrong says, a line each: the verdict, and what a real run would do. */
export function linesOfDryRun({ dryRun, wiring }: RunRecord): string[] {
  if (!dryRun) return [];
  const title = `MaaS E2E planned: wiring ${wiring?.name ?? 'none'}; nothing was deployed`;
  return [title, ...factsOfDryRun(dryRun).map(({ name, told }) => `  ${name}: ${told}`)];
}

/** The facts of a dry run by their names; those that it has none of are left out. */
export function factsOfDryRun({
  objects,
  rendered,
  stubs,
  injected,
  tests,
  missing,
}: DryRun): { name: string; told: string }[] {
  const { checks, command, report } = tests;
  const listed = (name: string, told: string[]) => (told.length ? [{ name, told: told.join(', ') }] : []);
  return [
    ...(objects ? [{ name: 'objects', told: String(objects) }] : []),
    ...rendered.map(({ kind, names }) => ({ name: kind, told: names.join(', ') })),
    ...listed('stub definitions', stubs),
    ...listed('values set', injected.values),
    ...listed('made before the chart', injected.objects),
    ...listed('address of the model service', injected.places),
    ...listed('checks', checks),
    ...listed('test-command', command ? [command] : []),
    ...listed('test-report', report ? [report] : []),
    ...listed('not there', missing),
  ];
}
