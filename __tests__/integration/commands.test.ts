import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createCommands } from '../../src/adapters/commands.js';
import { childEnvironment } from '../../src/adapters/host.js';
import { createRedactor } from '../../src/secrets/redact.js';
import { apiKeySecret } from '../../src/secrets/secret.js';

const env = { PATH: process.env['PATH'] ?? '' };
const never = new AbortController().signal;
const asIs = createRedactor([]);
const shell = (script: string) => ({ program: 'sh', args: ['-c', script] });

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('child processes', () => {
  const commands = createCommands(env, never, asIs);

  it('give exit code, both streams and lines, and never reject because of a code', async () => {
    const lines: string[] = [];
    const result = await commands.run({
      ...shell('echo one; echo two >&2; echo three; exit 3'),
      onLine: (line) => lines.push(line),
    });
    expect(result).toEqual({ code: 3, stdout: 'one\nthree\n', stderr: 'two\n', timedOut: false });
    expect(lines.sort()).toEqual(['one', 'three', 'two']);
  });

  it('a program that is not there is code 127', async () => {
    expect((await commands.run({ program: 'no-such-program-here', args: [] })).code).toBe(127);
  });

  it('get their input on standard input; one that does not read it harms nobody', async () => {
    expect((await commands.run({ program: 'cat', args: [], input: 'secret\nvalues' })).stdout).toBe('secret\nvalues');
    expect((await commands.run({ ...shell('exit 0'), input: 'x'.repeat(1_000_000) })).code).toBe(0);
  });

  it('have the given environment and no other', async () => {
    const { stdout } = await commands.run({ program: 'env', args: [], env: { EXTRA: '1' } });
    expect(
      stdout
        .split('\n')
        .map((line) => line.split('=')[0])
        .filter((name) => name && !/^(PWD|SHLVL|_|OLDPWD)$/.test(name))
        .sort(),
    ).toEqual(['EXTRA', 'PATH']);
  });

  it('are ended at their time limit, and say so', async () => {
    const { timedOut, code } = await commands.run({ ...shell('sleep 30'), timeoutMs: 100 });
    expect([timedOut, code]).toEqual([true, 128]);
  });

  it('are ended with all that they started when the run ends; the reason is what the caller gets', async () => {
    const controller = new AbortController();
    const pids: number[] = [];
    const note = (line: string) => {
      pids.push(Number(line));
      if (pids.length === 2) controller.abort(new Error('cancelled'));
    };
    const running = createCommands(env, controller.signal, asIs).run({
      ...shell('sleep 30 & echo $!; echo $$; wait'),
      onLine: note,
    });
    await expect(running).rejects.toThrow('cancelled');
    while (pids.some(isRunning)) await pause(20);
    expect(pids).toHaveLength(2);
    await expect(createCommands(env, controller.signal, asIs).run(shell('true'))).rejects.toThrow('cancelled');
  });
});

describe('what a child leaves in the background', () => {
  const commands = createCommands(env, never, asIs);
  const ranFor = async (command: Parameters<typeof commands.run>[0], by = commands) => {
    const began = performance.now();
    const result = await by.run(command);
    return { ...result, ms: performance.now() - began, pid: Number(/^pid (\d+)$/m.exec(result.stdout)?.[1]) };
  };

  it('is ended when it holds the pipes for longer than 2 s after the exit', async () => {
    const { ms, pid, ...result } = await ranFor(shell('sleep 60 & echo pid $!; echo done; exit 3'));
    expect(result).toEqual({ code: 3, stdout: `pid ${pid}\ndone\n`, stderr: '', timedOut: false });
    expect(ms).toBeGreaterThan(1900);
    expect(ms).toBeLessThan(6500);
    expect(isRunning(pid)).toBe(false);
  });

  it('is ended by SIGKILL where SIGTERM does not', async () => {
    const { ms, pid, code } = await ranFor(shell("(trap '' TERM; while :; do sleep 0.1; done) & echo pid $!"));
    expect(code).toBe(0);
    expect(ms).toBeLessThan(9000);
    while (isRunning(pid)) await pause(20);
  });

  it('is not waited for where it has left the group', async () => {
    const { ms, pid } = await ranFor(shell('setsid sleep 60 & echo pid $!'));
    expect(ms).toBeLessThan(4000);
    process.kill(pid); // in a run, post ends it
  });

  it('is read to its end where that comes in time', async () => {
    const { stdout, ms } = await ranFor(shell('(sleep 0.5; echo two; sleep 0.5; echo three) & echo one'));
    expect(stdout).toBe('one\ntwo\nthree\n');
    expect(ms).toBeLessThan(1900);
  });

  it('is read to its end where that came while this process was busy', async () => {
    const lines: string[] = [];
    await commands.run({
      ...shell('(sleep 0.5; echo two; sleep 0.5; echo three) & echo one'),
      onLine: (line) => {
        lines.push(line);
        for (const until = performance.now() + 2500; line === 'two' && performance.now() < until;);
      },
    });
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('stays where it holds no pipes', async () => {
    const { ms, pid } = await ranFor(shell('sleep 60 >/dev/null 2>&1 & echo pid $!'));
    expect(ms).toBeLessThan(1900);
    expect(isRunning(pid)).toBe(true);
    process.kill(pid);
  });

  it('has its last line handed on, without the key', async () => {
    const lines: string[] = [];
    const KEY = 'the-key-0123456789';
    const script = `sleep 60 & printf 'sent ${KEY}'; printf 'the-key-0123' >&2`;
    const onLine = (line: string) => lines.push(line);
    await createCommands(env, never, createRedactor([apiKeySecret(KEY)])).run({ ...shell(script), onLine });
    expect(lines.sort()).toEqual(['***', 'sent ***']);
  });

  it('is ended with a run that ends in the meantime', async () => {
    const controller = new AbortController();
    let pid = 0;
    const onLine = (line: string) => (
      (pid = Number(line)),
      setTimeout(() => controller.abort(new Error('cancelled')), 300)
    );
    const running = createCommands(env, controller.signal, asIs).run({ ...shell('sleep 60 & echo $!'), onLine });
    await expect(running).rejects.toThrow('cancelled');
    while (isRunning(pid)) await pause(20);
  });
});

describe('what a child prints of the key', () => {
  const KEY = 'the-key-0123456789';
  const commands = createCommands(env, never, createRedactor([apiKeySecret(KEY)]));

  it('is taken out of standard error, in each of its forms; standard output is for programs', async () => {
    const encoded = Buffer.from(KEY).toString('base64');
    const { stdout, stderr } = await commands.run(shell(`echo 'sent ${KEY}'; echo 'sent ${KEY} ${encoded}' >&2`));
    expect([stdout, stderr]).toEqual([`sent ${KEY}\n`, 'sent *** ***\n']);
  });

  it('is taken out of the lines of both streams, also where it came in two parts', async () => {
    const lines: string[] = [];
    const script = 'printf the-key-; sleep 0.1; echo 0123456789; printf the-key- >&2; sleep 0.1; echo 0123456789 >&2';
    await commands.run({ ...shell(script), onLine: (line) => lines.push(line) });
    expect(lines).toEqual(['***', '***']);
  });
});

describe('lines of a child', () => {
  const commands = createCommands(env, never, asIs);
  const linesOf = async (script: string) => {
    const lines: string[] = [];
    await commands.run({ ...shell(script), onLine: (line) => lines.push(line) });
    return lines;
  };

  it('come as soon as they are whole', async () => {
    const controller = new AbortController();
    const early = createCommands(env, controller.signal, createRedactor([apiKeySecret('the-key-0123456789')]));
    const end = () => controller.abort(new Error('seen'));
    await expect(early.run({ ...shell('echo one; sleep 30'), onLine: end })).rejects.toThrow('seen');
  });

  it('come without empty ones, the last one also without its end', async () => {
    expect(await linesOf("printf 'one\\r\\n\\n  \\ntwo'")).toEqual(['one', 'two']);
  });

  it('come in parts where one has no end', async () => {
    const lines = await linesOf('head -c 40000 /dev/zero | tr "\\0" x');
    expect(lines.map(({ length }) => length)).toEqual([16384, 16384, 7232]);
  });
});

describe('the environment of child processes', () => {
  it('has what tools need, and neither inputs nor tokens nor anything with the key', () => {
    const given = {
      PATH: '/bin',
      HOME: '/home/me',
      HTTPS_PROXY: 'http://proxy:3128',
      no_proxy: 'localhost',
      DOCKER_HOST: 'unix:///run/docker.sock',
      'INPUT_API-KEY': 'the-key-0123456',
      ACTIONS_RUNTIME_TOKEN: 't',
      GITHUB_TOKEN: 't',
      MAAS_API_KEY: 'the-key-0123456',
      DOCKER_AUTH_CONFIG: 'holds the-key-0123456',
      DOCKER_CONFIG: Buffer.from('x the-key-0123456').toString('base64'),
      DOCKER_PASSWORD: 'p',
      HELM_DEBUG: 'true',
    };
    const kept = Object.keys(childEnvironment(given, [apiKeySecret('the-key-0123456')])).sort();
    expect(kept).toEqual(['DOCKER_HOST', 'HOME', 'HTTPS_PROXY', 'PATH', 'no_proxy']);
  });

  it('does not lose what it needs to a key that is not used', () => {
    expect(childEnvironment({ PATH: '/bin' }, [apiKeySecret('b')])).toEqual({ PATH: '/bin' });
    expect(childEnvironment({ PATH: '/bin' }, [])).toEqual({ PATH: '/bin' });
  });
});
