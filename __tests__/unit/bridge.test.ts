import { describe, expect, it } from 'vitest';
import { bridgeAddress } from '../../src/provision/bridge.js';
import { failureOf } from '../helpers/failures.js';
import { fakeCommands } from '../helpers/memory.js';

const inspected = (config: object) => JSON.stringify([{ IPAM: { Config: [config] } }]);

describe("this machine on docker's bridge", () => {
  it.each([
    [{ Gateway: '172.17.0.1', Subnet: '172.17.0.0/16' }, '172.17.0.1'],
    [{ Subnet: '172.30.8.0/24' }, '172.30.8.1'],
    [{ Gateway: '172.30.8.254', Subnet: '172.30.8.0/24' }, '172.30.8.254'],
  ])('%j', async (config, address) => {
    const commands = fakeCommands(() => ({ stdout: inspected(config) }));
    expect(await bridgeAddress(commands)).toBe(address);
    expect(commands.ran.map(({ program, args }) => [program, ...args].join(' '))).toEqual([
      'docker network inspect bridge',
    ]);
    expect(commands.ran[0]?.timeoutMs).toBeLessThanOrEqual(60_000); // an engine that hangs ends nothing else
  });

  it.each([
    { code: 1, stderr: 'Error: No such network: bridge\nmore' },
    { code: 0, stdout: '[]' },
    { code: 1, stdout: inspected({ Gateway: '172.17.0.1' }), stderr: 'Error: no permission' },
    { code: 127, stderr: 'spawn docker ENOENT' },
  ])('is a failure of docker where there is none: %j', async (result) => {
    const failure = await failureOf(() => bridgeAddress(fakeCommands(() => result)));
    expect([failure.code, failure.hop]).toEqual(['E_DOCKER', 'cluster']);
    expect(failure.message).toMatch(/^docker has no default bridge here/);
    expect(failure.message).not.toContain('\n');
  });
});
