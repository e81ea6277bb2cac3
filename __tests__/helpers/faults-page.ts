import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../e2e/runner.mjs';

/** One way in which a fault shows. */
export interface Seen {
  /** Empty where the fault has only one. */
  variant: string;
  /** Empty for what is no failure. */
  code: string;
  /** As the page has it: … is what varies. */
  line: string;
}

export interface Fault {
  n: number;
  title: string;
  seen: Seen[];
  tests: { file: string; title: string }[];
}

/** The rows of docs/faults.md: | n | fault | lines | tests |, several lines and tests in a cell with <br> between them. */
export function readFaults(text = readFileSync(join(root, 'docs', 'faults.md'), 'utf8')): Fault[] {
  const rows = text.split('\n').filter((line) => /^\| \d+ \|/.test(line));
  return rows.map((row) => {
    const [n = '', title = '', lines = '', tests = ''] = row.slice(2, -2).split(' | ');
    return { n: Number(n), title, seen: lines.split('<br>').map(readSeen), tests: tests.split('<br>').map(readTest) };
  });
}

/** "variant, E_CODE: `line`", where variant and code may be left out. */
function readSeen(entry: string): Seen {
  const [, before, line] = /^(?:([^`]*): )?`([^`]+)`$/.exec(entry.trim()) ?? [];
  if (line === undefined) throw new Error(`docs/faults.md: no line of a fault: ${entry}`);
  const [, variant = '', code = ''] = /^(.*?)(?:, |^)?(E_[A-Z_]+)?$/.exec(before ?? '') ?? [];
  return { variant, code, line };
}

/** "`file` › title" */
function readTest(entry: string): { file: string; title: string } {
  const [, file, title] = /^`([^`]+)` › (.+)$/.exec(entry.trim()) ?? [];
  if (file === undefined || title === undefined) throw new Error(`docs/faults.md: no test of a fault: ${entry}`);
  return { file, title };
}

/**
 * The line that the page promises for a fault, as a pattern: the whole text, with or without the command of an annotation
 * before it. Without a variant any line of the fault.
 */
export function seen(n: number, variant?: string): RegExp {
  const lines = entriesOf(n, variant).map(({ line }) => line.split('…').map(escape).join('.*'));
  return new RegExp(`^(?:::[a-z]+(?: title=[^:]*)?::)?(?:${lines.join('|')})$`);
}

/** The code that the page promises for a fault. */
export function codeOf(n: number, variant?: string): string {
  const [entry, other] = entriesOf(n, variant);
  if (!entry || other) throw new Error(`docs/faults.md has several codes for fault ${n}: name the variant`);
  return entry.code;
}

function entriesOf(n: number, variant?: string): Seen[] {
  const all = readFaults().find((fault) => fault.n === n)?.seen ?? [];
  const fitting = variant === undefined ? all : all.filter((entry) => entry.variant === variant);
  if (fitting.length) return fitting;
  throw new Error(`docs/faults.md has no fault ${n}${variant === undefined ? '' : ` of the variant "${variant}"`}`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
