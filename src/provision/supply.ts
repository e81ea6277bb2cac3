import type { ChartSource } from '../deploy/source.js';
import { refuse } from '../input-forms.js';
import { isOpenOnTheWay, nameOfUrl } from '../named-url.js';
import { pinOf, type Platform } from './assets.js';
import type { Tool } from './pins.js';
import type { ToolInputs } from './tools.js';

const TOOLS: Tool[] = ['kind', 'kubectl', 'helm'];

/**
 * What should be known of the places that tools and charts come from, in sentences.
 * @throws RunError if whoever is on the way decides which programs are run: by http, programs and their checksum files can be changed
 */
export function judgeSupply(
  { mirror, versions, chart }: ToolInputs & { chart: ChartSource },
  platform: Platform,
): string[] {
  const unpinned = TOOLS.filter((tool) => pinOf(tool, versions[tool], platform) === undefined);
  const isOpen = mirror !== undefined && isOpenOnTheWay(mirror);
  if (isOpen && unpinned.length) {
    const named = unpinned.map((tool) => `${tool} ${versions[tool]}`).join(', ');
    throw refuse(
      'tools-mirror',
      `is http (${nameOfUrl(mirror)}), and this action knows no digest of ${named}: everybody on the way could hand over another program`,
      'Use an https mirror, or versions that docs/pins.md lists.',
    );
  }
  return [...(isOpen ? [ofPlace('input tools-mirror', mirror, 'download')] : []), ...notesOfSource(chart)];
}

function notesOfSource(chart: ChartSource): string[] {
  if ('folder' in chart) return [];
  const { name, repository } = chart;
  const places: [string, string][] = [
    ['input chart', /^https?:/.test(name) ? name : ''],
    ['input chart-repository', repository],
  ];
  return places.filter(([, url]) => url && isOpenOnTheWay(url)).map(([input, url]) => ofPlace(input, url, 'chart'));
}

/** Of the repositories from which a chart's dependencies are fetched. */
export function notesOfDependencies(repositories: string[]): string[] {
  const open = repositories.filter((url) => /^http:/i.test(url) && URL.canParse(url) && isOpenOnTheWay(url));
  return [...new Set(open)].map((url) => ofPlace('Chart.yaml, repository of a dependency', url, 'chart'));
}

function ofPlace(where: string, url: string, what: string): string {
  return `${where} is http (${nameOfUrl(url)}): everybody on the way can change the ${what}. Fix: use its https address.`;
}
