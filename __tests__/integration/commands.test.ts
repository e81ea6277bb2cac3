import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createCommands } from '../../src/adapters/commands.js';
import { childEnvironment } from '../../src/adapters/host.js';
import { createRedactor } from '../../src/secrets/redact.js';

const env = { PATH: process.env['PATH'] ?? '' };
const never = new AbortController().signal;
const asIs = (text: string) => text;
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

describe('what a child prints of the key', () => {
  const KEY = 'the-key-0123456789';
  const commands = createCommands(env, never, createRedactor(KEY));

  it('is taken out of both streams, in each of its forms', async () => {
    const encoded = Buffer.from(KEY).toString('base64');
    const { stdout, stderr } = await commands.run(shell(`echo 'sent ${KEY}'; echo 'sent ${KEY} ${encoded}' >&2`));
    expect([stdout, stderr]).toEqual(['sent ***\n', 'sent *** ***\n']);
  });

  it('is taken out also where it came in two parts', async () => {
    const { stdout } = await commands.run(shell('printf the-key-; sleep 0.1; printf 0123456789'));
    expect(stdout).toBe('***');
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
      HELM_DEBUG: 'true',
    };
    const kept = Object.keys(childEnvironment(given, 'the-key-0123456')).sort();
    expect(kept).toEqual(['DOCKER_HOST', 'HOME', 'HTTPS_PROXY', 'PATH', 'no_proxy']);
  });
});
