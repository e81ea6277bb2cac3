import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../../src/ports.js';
import { NODE_PORTS, nodeLoss, portLoss } from '../../src/provision/cluster.js';
import { fakeCommands, fakeWeb } from '../helpers/memory.js';

describe('the loss of the node', () => {
  const loss = (result: Partial<CommandResult>) =>
    nodeLoss(
      'c-1',
      fakeCommands(() => result),
    );

  it.each<[string, Partial<CommandResult>, string]>([
    ['that has ended', { stdout: 'exited 137 false\n' }, 'has exited (exit code 137)'],
    ['that was out of memory', { stdout: 'exited 137 true\n' }, 'has exited (exit code 137, out of memory)'],
    ['that is paused', { stdout: 'paused 0 false\n' }, 'is paused (exit code 0)'],
    ['that was deleted', { code: 1, stderr: 'Error: No such container: c-1-control-plane' }, 'is gone'],
  ])('is told of one %s', async (_, result, how) => {
    expect(await loss(result)).toMatchObject({
      code: 'E_NODE_LOST',
      hop: 'cluster',
      message: `the cluster's node container c-1-control-plane ${how}`,
    });
  });

  it.each<[string, Partial<CommandResult>]>([
    ['runs', { stdout: 'running 0 false\n' }],
    ['docker does not tell of', { code: 1, stderr: 'Cannot connect to the Docker daemon' }],
    ['docker does not tell of in time', { code: 128, timedOut: true }],
  ])('is none of one that %s', async (_, result) => {
    expect(await loss(result)).toBeUndefined();
  });
});

describe('the loss of the port on the runner', () => {
  const URL = 'http://127.0.0.1:32768';
  const AWAY = () =>
    fakeWeb(() => {
      throw new Error('ECONNREFUSED');
    });

  it('is told where the stack answers on the node itself', async () => {
    const [commands, web] = [fakeCommands(), AWAY()];
    expect(await portLoss('c-1', URL, { commands, web })).toMatchObject({
      code: 'E_PORT_LOST',
      hop: 'cluster',
      message: `${URL} no longer leads to the stack, which answers inside the cluster`,
    });
    const [{ program, args } = expect.fail('nothing ran')] = commands.ran;
    expect([program, ...args.slice(0, 3)]).toEqual(['docker', 'exec', 'c-1-control-plane', 'curl']);
    expect(args.at(-1)).toBe(`http://127.0.0.1:${NODE_PORTS.stack}/v1/models`);
    expect(web.asked).toEqual([`${URL}/v1/models`]);
  });

  it.each([7, 28, 126])('is none where nobody answers there either (exit code %i)', async (code) => {
    const commands = fakeCommands(() => ({ code }));
    expect(await portLoss('c-1', URL, { commands, web: AWAY() })).toBeUndefined();
    expect(commands.ran).toHaveLength(1);
  });

  it('is none where the port answers again: it was the stack that was away', async () => {
    const [commands, web] = [fakeCommands(), fakeWeb()];
    expect(await portLoss('c-1', URL, { commands, web })).toBeUndefined();
    expect([commands.ran, web.asked]).toEqual([[], [`${URL}/v1/models`]]);
  });
});
