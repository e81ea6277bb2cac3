import { RunError } from '../errors.js';
import { at, items, text } from '../json.js';
import type { Commands } from '../ports.js';

/**
 * Address of this machine on docker's default bridge: pods of a Kind cluster reach it, the network around does not.
 * @throws RunError where docker has none
 */
export async function bridgeAddress(commands: Commands): Promise<string> {
  const args = ['network', 'inspect', 'bridge'];
  const { code, stdout, stderr } = await commands.run({ program: 'docker', args, timeoutMs: 10_000 });
  const address = code === 0 ? readAddress(stdout) : '';
  if (address) return address;
  throw new RunError(
    'E_DOCKER',
    'cluster',
    `docker has no default bridge here: ${stderr.trim().split('\n')[0] ?? ''}`,
    'Use a runner with docker; the embedded model service listens on its default bridge.',
  );
}

/** From what docker prints of it. Older engines do not list the gateway: it is the subnet's first address. */
export function readAddress(inspected: string): string {
  const [config] = items(at(items(JSON.parse(inspected))[0], 'IPAM', 'Config'));
  const gateway = text(at(config, 'Gateway'));
  const subnet = text(at(config, 'Subnet'));
  return gateway || subnet.replace(/(\d+)\/\d+$/, (_, last: string) => String(Number(last) + 1));
}
