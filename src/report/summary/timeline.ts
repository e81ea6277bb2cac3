import { seconds, type StageTime } from '../../progress.js';
import { fenced, inDiagram } from './markdown.js';

/** When stages ran, as a Mermaid gantt: what ran side by side shows. One that failed is marked. */
export function timeline(stages: StageTime[]): string {
  if (!stages.length) return '';
  const ordered = [...stages].sort((a, b) => a.startMs - b.startMs);
  const last = Math.max(...ordered.map(({ endMs }) => endMs));
  const lines = [
    '%%{init: {"gantt": {"leftPadding": 20}}}%%',
    'gantt',
    '  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `  axisFormat ${axisFor(last)}`,
    '  todayMarker off',
    ...ordered.map(bar),
  ];
  return `### Timeline\n\n${fenced(lines.join('\n'), 'mermaid')}`;
}

function bar({ name, startMs, endMs, ok }: StageTime, at: number): string {
  const ms = Math.max(0, Math.round(endMs - startMs));
  const label = `${inDiagram(name)} (${seconds(ms)})`;
  const tags = [...(ok ? [] : ['crit']), ...(ms === 0 ? ['milestone'] : []), `s${at}`];
  return `  ${label} :${tags.join(', ')}, ${dateOf(startMs)}, ${ms}ms`;
}

/** A date by the reader's own clock: epochs are shown in his time zone, and begin at 30:00 in some. */
function dateOf(ms: number): string {
  return new Date(Date.UTC(2000, 0, 1) + Math.round(ms)).toISOString().slice(0, 23).replace('T', ' ');
}

function axisFor(lastMs: number): string {
  if (lastMs < 10_000) return '%S.%L s';
  return lastMs < 3_600_000 ? '%M:%S' : '%H:%M:%S';
}
