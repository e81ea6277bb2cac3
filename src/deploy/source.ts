import { RunError } from '../errors.js';
import { nameOfUrl } from '../named-url.js';

/** A chart that Helm fetches. */
export interface RemoteChart {
  /** oci://registry/name, the URL of an archive, or a name in `repository`. */
  name: string;
  /** Empty where the name says it all. */
  repository: string;
  /** Empty: the newest. */
  version: string;
}

/** Where a chart comes from: a folder of the workspace, or a place that Helm fetches it from. */
export type ChartSource = { folder: string } | RemoteChart;

/** @throws RunError for inputs that contradict each other, URLs with credentials, and what Helm would take for a flag */
export function parseChartSource(chart: string, repository: string, version: string): ChartSource {
  for (const [name, text] of Object.entries({ chart, 'chart-version': version }))
    if (text.startsWith('-'))
      throw refuse(`${name} begins with a hyphen, as a flag does`, 'Write its name; of a folder, ./ before it.');
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(chart);
  if (repository && isUrl)
    throw refuse(
      'chart-repository is set, and chart is a URL',
      'Name the chart in that repository, or leave it empty.',
    );
  if (repository) checkUrl('chart-repository', repository);
  if (isUrl) checkUrl('chart', chart);
  if (isUrl || repository) return { name: chart, repository, version };
  const file = /(^|\/)(Chart\.ya?ml|[^/]+\.(tgz|tar\.gz))$/.exec(chart)?.[2];
  if (file !== undefined) throw refuse(`chart names a file, ${chart}`, folderFix(chart, file));
  if (version)
    throw refuse(
      'chart-version is set, and chart is a folder of the workspace',
      'Leave it empty; or set chart to oci://…, or chart-repository to the URL of a chart repository.',
    );
  return { folder: chart };
}

function folderFix(chart: string, file: string): string {
  const folder = chart.slice(0, -file.length).replace(/\/$/, '') || '.';
  return file.startsWith('Chart.')
    ? `Name its folder: ${folder}.`
    : 'Unpack the archive before this step, and name the folder.';
}

function checkUrl(name: string, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const schemes = name === 'chart' ? /^(oci|https?):$/ : /^https?:$/;
  if (!url?.hostname || !schemes.test(url.protocol))
    throw refuse(`${name} is no URL of a ${name === 'chart' ? 'chart' : 'chart repository'}`, 'Write it in full.');
  if (url.username || url.password)
    throw refuse(`${name} holds credentials`, 'Log in before this step, by helm registry login.');
}

function refuse(what: string, fix: string): RunError {
  return new RunError('E_INPUT', 'inputs', `input ${what}`, fix);
}

/** As messages and the log name it. */
export function nameOfSource(source: ChartSource): string {
  if ('folder' in source) return source.folder;
  const [name, repository] = [source.name, source.repository].map(nameOfUrl);
  return [name, source.version, repository && `of ${repository}`].filter(Boolean).join(' ');
}
