import { expect } from 'vitest';

/** An element of a document. */
export interface Node {
  name: string;
  attributes: Record<string, string>;
  children: Node[];
  /** Of it alone, with its entities undone. */
  text: string;
}

/** https://www.w3.org/TR/xml/#NT-Char */
const isChar = (code: number) =>
  [0x9, 0xa, 0xd].includes(code) ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Reads XML 1.0 without comments, CDATA and document types, none of which the report has; throws where it is not well-formed. */
export function parseXml(xml: string): Node {
  const fault = Array.from(xml).find((char) => !isChar(char.codePointAt(0)!));
  if (fault !== undefined) throw new Error(`no character of XML: U+${fault.codePointAt(0)!.toString(16)}`);
  if (!xml.startsWith(DECLARATION)) throw new Error('no declaration');
  const root: Node = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let at = DECLARATION.length;
  const take = (pattern: RegExp) => {
    const sticky = new RegExp(pattern, 'y');
    sticky.lastIndex = at;
    const found = sticky.exec(xml);
    if (found) at = sticky.lastIndex;
    return found;
  };
  const fail = () => new Error(`not well-formed at ${at}: ${xml.slice(at, at + 80)}`);
  while (at < xml.length) {
    const within = open.at(-1)!;
    const [, end] = take(/<\/([a-z-]+)>/) ?? [];
    if (end !== undefined) {
      if (within.name !== end) throw fail();
      open.pop();
      continue;
    }
    const [, name] = take(/<([a-z-]+)/) ?? [];
    if (name !== undefined) {
      const child: Node = { name, attributes: {}, children: [], text: '' };
      within.children.push(child);
      for (let pair = take(/ ([a-z-]+)="([^"<]*)"/); pair; pair = take(/ ([a-z-]+)="([^"<]*)"/)) {
        const [, key = '', value = ''] = pair;
        if (key in child.attributes) throw fail();
        child.attributes[key] = decoded(value.replace(/[\t\n\r]/g, ' ')); // as a reader does
      }
      const [close] = take(/\/?>/) ?? [];
      if (close === undefined) throw fail();
      if (close === '>') open.push(child);
      continue;
    }
    const [text] = take(/[^<]+/) ?? [];
    if (text === undefined || text.includes(']]>')) throw fail();
    within.text += decoded(text.replace(/\r\n?/g, '\n'));
  }
  const [document, ...more] = root.children;
  if (open.length !== 1 || !document || more.length || root.text.trim()) throw new Error('not one whole document');
  return document;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));|&/gi, (all, decimal?: string, hex?: string, name?: string) => {
    const code = decimal ? parseInt(decimal, 10) : hex ? parseInt(hex, 16) : undefined;
    if (code !== undefined && isChar(code)) return String.fromCodePoint(code);
    const char = ENTITIES[name ?? ''];
    if (char === undefined) throw new Error(`no reference: ${all}`);
    return char;
  });
}

interface Rule {
  required: string[];
  children?: string[];
  /** Whether there may be text in it. */
  hasText?: true;
}

const RESULT: Rule = { required: ['type', 'message'], hasText: true };

/**
 * What the schema of Jenkins' xUnit plugin (junit-10.xsd) lets stand, and of it only what the report needs. `type`, `classname`,
 * `time`, no `type` of the skipped and `properties` before the cases are what the schema of Ant's reports wants beyond that
 * (github.com/windyroad/JUnit-Schema).
 */
const RULES: Record<string, Rule> = {
  testsuites: { required: ['name', 'tests', 'failures', 'errors', 'time'], children: ['testsuite'] },
  testsuite: {
    required: ['name', 'tests', 'failures', 'errors', 'skipped', 'time'],
    children: ['properties', 'testcase'],
  },
  properties: { required: [], children: ['property'] },
  property: { required: ['name', 'value'] },
  testcase: { required: ['name', 'classname', 'time'], children: ['failure', 'error', 'skipped', 'system-out'] },
  failure: RESULT,
  error: RESULT,
  skipped: { required: ['message'] },
  'system-out': { required: [], hasText: true },
};

const COUNTS = ['tests', 'failures', 'errors', 'skipped'];
const RESULTS = ['failure', 'error', 'skipped'];

/** A testcase as its reader sees it. */
export interface Seen {
  suite: string;
  name: string;
  classname: string;
  time: string;
  result: string;
  type: string;
  message: string;
  body: string;
  output: string;
}

/** Asserts that a text is a JUnit report by the rules, with right counts and within the limits. */
export function readReport(xml: string): { root: Node; suites: Node[]; cases: Seen[] } {
  const root = parseXml(xml);
  expect(root.name).toBe('testsuites');
  check(root);
  const suites = root.children;
  expect(root.attributes).toMatchObject(counted(suites.flatMap(casesIn), ['tests', 'failures', 'errors']));
  for (const suite of suites) {
    const [first, ...others] = suite.children;
    expect(first?.name).toBe('properties');
    expect(others.map(({ name }) => name)).toEqual(others.map(() => 'testcase'));
    expect(suite.attributes).toMatchObject(counted(casesIn(suite), COUNTS));
  }
  const cases = suites.flatMap((suite) => casesIn(suite).map((testCase) => seen(suite, testCase)));
  const identities = cases.map(({ classname, name }) => JSON.stringify([classname, name]));
  expect(new Set(identities).size).toBe(cases.length);
  return { root, suites, cases };
}

function check(node: Node): void {
  const rule = RULES[node.name];
  if (!rule) throw new Error(`no such element: ${node.name}`);
  expect(Object.keys(node.attributes).sort()).toEqual([...rule.required].sort());
  if (!rule.hasText) expect(node.text.trim()).toBe('');
  expect(node.text.length).toBeLessThanOrEqual(8000);
  for (const [name, value] of Object.entries(node.attributes)) {
    if (name === 'time') expect(value).toMatch(/^\d+\.\d{3}$/);
    else if (COUNTS.includes(name)) expect(value).toMatch(/^\d+$/);
    else if (name === 'message' || name === 'value') expect(value.length).toBeLessThanOrEqual(300);
    else expect(value).not.toMatch(/^\s|\s$|[\r\n\t]| {2}/); // a token
    if (name === 'type') expect(value).not.toBe('');
  }
  for (const child of node.children) {
    expect(rule.children ?? []).toContain(child.name);
    check(child);
  }
  if (node.name === 'testcase')
    expect(node.children.map(({ name }) => (RESULTS.includes(name) ? 'result' : name)).join(' ')).toMatch(
      /^(result)?( ?system-out)?$/,
    );
}

function casesIn({ children }: Node): Node[] {
  return children.filter(({ name }) => name === 'testcase');
}

function counted(cases: Node[], names: string[]): Record<string, string> {
  const count = (result: string) => cases.filter(({ children }) => children.some(({ name }) => name === result)).length;
  const all = { tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, n]) => (names.includes(name) ? [[name, String(n)]] : [])),
  );
}

function seen(suite: Node, { attributes, children }: Node): Seen {
  const { name = '', classname = '', time = '' } = attributes;
  const result = children.find((child) => RESULTS.includes(child.name));
  return {
    suite: suite.attributes['name'] ?? '',
    name,
    classname,
    time,
    result: result?.name ?? 'passed',
    type: result?.attributes['type'] ?? '',
    message: result?.attributes['message'] ?? '',
    body: result?.text ?? '',
    output: children.find((child) => child.name === 'system-out')?.text ?? '',
  };
}

/** What a suite says of the run. */
export function propertiesOf({ children }: Node): Record<string, string> {
  const listed = children.filter(({ name }) => name === 'properties').flatMap((properties) => properties.children);
  return Object.fromEntries(listed.map(({ attributes: { name = '', value = '' } }) => [name, value]));
}
