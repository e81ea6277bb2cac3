import { describe, expect, it } from 'vitest';
import { bridgeAddress } from '../../src/provision/bridge.js';
import { failureOf } from '../helpers/failures.js';
import { fakeCommands } from '../helpers/memory.js';

const inspected = (config: object) => JSON.stringify([{ IPAM: { Config: [config] } }]);

describe("this machine on docker's bridge", () => {
  it.each([
    [{ Gateway: '172.17.0.1', Subnet: '172.17.0.0/16' }, '172.17.0.1'],
    [{ Subnet: '172.30.8.0/24' }, '172.30.8.1'],
  ])('%j', async (config, address) => {
    expect(await bridgeAddress(fakeCommands(() => ({ stdout: inspected(config) })))).toBe(address);
  });

  it.each([
    { code: 1, stderr: 'Error: No such network: bridge\nmore' },
    { code: 0, stdout: '[]' },
    { code: 127, stderr: 'spawn docker ENOENT' },
  ])('is a failure of docker where there is none: %j', async (result) => {
    const failure = await failureOf(() => bridgeAddress(fakeCommands(() => result)));
    expect([failure.code, failure.hop]).toEqual(['E_DOCKER', 'cluster']);
    expect(failure.message).toMatch(/^docker has no default bridge here/);
    expect(failure.message).not.toContain('\n');
  });
});
