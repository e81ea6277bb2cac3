import fc from 'fast-check';
import type { Say } from './whole-record.js';

const MARKDOWN = [
  ...[
    '**b**',
    '__b__',
    '*i*',
    '_i_',
    '~~s~~',
    '~s~',
    '`c`',
    '``',
    '```',
    '\n```\n',
    '~~~',
    '\n~~~ts\n',
    '# h',
    '\n# H\n',
  ],
  ...['> q', '- l', '* l', '+ l', '1. l', '2) l', '\n1. l', '- [ ] t', '[x](http://e)', '![x](y "t")', '[x]: y'],
  ...['[^1]', '[^1]: f', '---', '\n===\n', '|', '\\|', '\\\\|', '\\', '|---|', 'a | b', '\n|\n', '|-', ':-:', '  \n'],
  ...['| a | b |\n|---|---|\n| c | d |', '\t', '    x', '> [!NOTE]', '[!CAUTION]', ':boom:', '$x$', '$$x$$'],
  ...['@octocat', '@org/team', '#1', 'acme/rag#1', '${{ secrets.A }}'],
];
const LINKS = [
  ...[
    'http://e.x',
    'https://e.x/a_b_c',
    'www.e.x',
    'WWW.e.x',
    'a@b.example',
    'mailto:a@b.c',
    'xmpp:a@b.c',
    'ftp://e.x',
  ],
  ...['javascript:alert(1)', '<http://e>', '<a@b.c>'],
];
const HTML = [
  ...['<b>', '</b>', '<script>alert(1)</script>', '</details>', '<details>', '</summary>', '</code></pre>', '<!--'],
  ...['-->', '<?x', '<![CDATA[', ']]>', '<img src=x onerror=a>', '<a href="j">', '&lt;', '&#60;', '&amp;', '&nbsp;'],
  ...['"', "'", '<', '>'],
];
/** https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands */
const COMMANDS = [
  ...['::error::x', '\n::set-output name=a::b', '##[error]x', '\r::stop-commands::t', '\n##[set-env name=a]b'],
  ...[
    '::add-mask::x',
    '%0A::error::x',
    '\u00a0::error::x',
    '\u2028::error::x',
    '\u0085::error::x',
    '\n \t::group::x',
    'a\n::endgroup::',
  ],
];
const CHARACTERS = [
  ...[
    '\u001b[31m',
    '\u001b[',
    '\u001b]0;t\u0007',
    '\u001b]',
    '\u001b',
    '\u009b',
    '\0',
    '\b',
    '\u000b',
    '\u000c',
    '\u007f',
  ],
  ...['\u0085', '\ufeff', '\u202e', '\u2066', '\u2069', '\u200f', '\u061c', '\u200b', '\u2028', '\u2029', '\u00a0'],
  ...['\ud800', '\udc00', '💥', '\uffff', '\u3000', '\r', '\n', '\r\n', '\n\n', ' ', 'x', '0'],
];
const MERMAID = [
  ...[
    '%%',
    '%%{init: {}}%%',
    '\n%%{\n',
    ';',
    ':',
    ' :crit, ',
    'end',
    'subgraph',
    'click n0 "javascript:a"',
    'class n0 x',
  ],
  ...['-->', '"]', '"];a', '#quot;', '#35;', 'style a:#b;', 'section x', 'title x', 'dateFormat', '\n  x :a, b, 1d'],
  ...['{', '}', '(', ')', ',', '='],
];

/** What has a meaning to somebody who is shown it. */
export const HOSTILE = [...new Set([...MARKDOWN, ...LINKS, ...HTML, ...COMMANDS, ...CHARACTERS, ...MERMAID])];

export interface Texts {
  list: string[];
  /** Whether of the first, the third … it is the begin that is hostile, and of the others the end; or the other way round. */
  isFirst: boolean;
}

const piece = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...HOSTILE) }, fc.string({ unit: 'binary' }));
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

export const hostileTexts: fc.Arbitrary<Texts> = fc.record({
  list: fc.array(text, { minLength: 1, maxLength: 60 }),
  isFirst: fc.boolean(),
});

/** Each text in turn, with a word of its own before or after it: something shows of each, and no two are the same. */
export function saying({ list, isFirst }: Texts): Say {
  let at = 0;
  return () => {
    const [text, word] = [list[at % list.length] ?? '', `w${at}`];
    at += 1;
    return (at % 2 === 1) === isFirst ? text + word : word + text;
  };
}
