import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/adapters/runner.js';
import type { Log } from '../../src/ports.js';
import { createRedactor } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';
import { printed } from '../helpers/printed.js';

const same = (line: string) => line;
/** The lines that a log prints. */
async function lines(use: (log: Log) => void, env: Record<string, string> = {}, redact = same): Promise<string[]> {
  const text = await printed(env, () => use(createLog(redact)));
  return text.split('\n').slice(0, -1);
}

describe('what others say, in the log', () => {
  it.each([
    ['::stop-commands::pwned', ': :stop-commands::pwned'],
    ['  ::set-output name=a::b', '  : :set-output name=a::b'],
    ['one\n::warning::spoofed', 'one\n: :warning::spoofed'],
    ['one\r::warning::spoofed', 'one\r: :warning::spoofed'],
    ['it says ##[set-env name=x]y', 'it says # #[set-env name=x]y'],
    ['std::vector::push_back ## [x]', 'std::vector::push_back ## [x]'],
  ])('is no command: %j', async (text, line) => {
    expect(await printed({}, () => createLog(same).info(text))).toBe(`${line}\n`);
  });

  it('is none where it is what is left of too many annotations', async () => {
    const said = await lines((log) => {
      for (let times = 0; times < 8; times += 1) log.warning('one\n::error::spoofed');
      for (let times = 0; times < 4; times += 1) log.error('::error::a', '##[error]b');
    });
    expect(said.slice(7, 9)).toEqual(['Warning: one', ': :error::spoofed']);
    expect(said.slice(9, 12).every((line) => line.startsWith('::error title=%3A%3Aerror%3A%3Aa::##[error]b'))).toBe(
      true,
    );
    expect(said.at(-1)).toBe('Error: : :error::a: # #[error]b');
  });
});

describe('annotations', () => {
  it('are ten at the most, seven of them warnings and notices; what is more is a plain line', async () => {
    const said = await lines((log) => {
      for (const at of [1, 2, 3, 4]) log.warning(`w${at}`);
      for (const at of [5, 6, 7, 8]) log.notice(`n${at}`);
      for (const at of [1, 2, 3]) log.error(`t${at}`, `e${at}`);
      log.error('t4', 'e4', { file: 'a.py', line: 7 });
      log.warning('w9');
    });
    expect(said).toEqual([
      ...[1, 2, 3, 4].map((at) => `::warning::w${at}`),
      ...[5, 6, 7].map((at) => `::notice::n${at}`),
      'Notice: n8',
      ...[1, 2, 3].map((at) => `::error title=t${at}::e${at}`),
      'Error: t4: e4 (a.py:7)',
      'Warning: w9',
    ]);
  });

  it('are all errors where there is nothing else', async () => {
    const said = await lines((log) => {
      for (let at = 1; at <= 11; at += 1) log.error(`t${at}`, 'e');
      log.warning('w');
    });
    expect(said.filter((line) => line.startsWith('::'))).toHaveLength(10);
    expect(said.slice(10)).toEqual(['Error: t11: e', 'Warning: w']);
  });

  it.each([
    [undefined, '::error title=t::e'],
    [{ file: 'a/b.yaml', line: 3 }, '::error title=t,file=a/b.yaml,line=3::e'],
    [{ file: 'a.yaml' }, '::error title=t,file=a.yaml::e'],
    [{ file: 'a,line=9::x\n', line: 1 }, '::error title=t,file=a%2Cline=9%3A%3Ax%0A,line=1::e'],
  ])('of an error have its place: %j', async (place, line) => {
    expect(await lines((log) => log.error('t', 'e', place))).toEqual([line]);
  });

  it('of many lines are one command each', async () => {
    expect(await lines((log) => log.warning('a\nb\r::c::% d'))).toEqual(['::warning::a%0Ab%0D::c::%25 d']);
  });

  it('are cut where they are long: GitHub takes 4 KB', async () => {
    const long = 'x'.repeat(10_000);
    const said = await lines((log) => {
      log.warning(long);
      log.notice(long);
      log.error('t', long);
    });
    for (const line of said) expect(line).toMatch(/::x{3000}…$/);
    expect(said).toHaveLength(3);
  });
});

describe('colours', () => {
  const ON_GITHUB = { GITHUB_ACTIONS: 'true' };
  const both = (log: Log) => {
    log.info('one\ntwo', 'good');
    log.info('three', 'bad');
    log.info('four');
  };

  it('are there on GitHub, for each line of a tone', async () => {
    expect(await lines(both, ON_GITHUB)).toEqual([
      '\u001b[32mone\u001b[0m',
      '\u001b[32mtwo\u001b[0m',
      '\u001b[31mthree\u001b[0m',
      'four',
    ]);
  });

  it.each<Record<string, string>>([{}, { GITHUB_ACTIONS: 'false' }, { ...ON_GITHUB, NO_COLOR: '1' }])(
    'are not there with %j',
    async (env) => {
      expect(await lines(both, env)).toEqual(['one', 'two', 'three', 'four']);
    },
  );

  it('are there on a terminal, and not where NO_COLOR is set', async () => {
    const onTerminal = async (env: Record<string, string>) =>
      await lines(() => {
        process.stdout.isTTY = true;
        createLog(same).info('one', 'good');
      }, env);
    expect(await onTerminal({})).toEqual(['\u001b[32mone\u001b[0m']);
    expect(await onTerminal({ NO_COLOR: '1' })).toEqual(['one']);
  });

  it('make no command of a line', async () => {
    expect(await lines((log) => log.info('::error::x', 'bad'), ON_GITHUB)).toEqual(['\u001b[31m: :error::x\u001b[0m']);
  });
});

describe('debug lines', () => {
  it('are there where the user has debug logging on', async () => {
    expect(await lines((log) => log.debug('a\n::error::b'), { RUNNER_DEBUG: '1' })).toEqual([
      '::debug::a%0A::error::b',
    ]);
  });

  it.each<Record<string, string>>([{}, { RUNNER_DEBUG: '0' }, { RUNNER_DEBUG: 'true' }])(
    'are not there with %j',
    async (env) => {
      expect(await lines((log) => log.debug('a'), env)).toEqual([]);
    },
  );
});

describe('the key', () => {
  const KEY = 'sk-verysecretkey0123456789';

  it('is in no line, whoever says it and how', async () => {
    const said = await lines(
      (log) => {
        const says = `it is ${KEY}!`;
        for (let times = 0; times < 7; times += 1) {
          log.info(says);
          log.info(says, 'bad');
          log.debug(says);
          log.warning(says);
          log.notice(says);
          log.error(says, says, { file: `a/${KEY}/b` });
          log.openGroup(says);
          log.closeGroup();
        }
        log.warning('x'.repeat(2990) + KEY); // cut afterwards
      },
      { RUNNER_DEBUG: '1', GITHUB_ACTIONS: 'true' },
      createRedactor([apiKeySecret(KEY)]).redact,
    );
    expect(said.filter((line) => line.includes('***')).length).toBe(7 * 7 + 1);
    for (let at = 0; at + 8 <= KEY.length; at += 1) expect(said.join('\n')).not.toContain(KEY.slice(at, at + 8));
  });
});
