import { reproduceCommand, rerunCommands, workflowUrl, type Origin } from '../origin.js';
import { fenced } from './markdown.js';

/** How to run it again, and how to see the same on a machine of one's own. */
export function again(origin: Origin | undefined): string {
  if (!origin) return '';
  const url = workflowUrl(origin);
  const commands = rerunCommands(origin);
  const run = [
    ...(url ? [`[Run the workflow by hand](${url}), or:`] : []),
    ...(commands.length ? [fenced(commands.join('\n'), 'bash')] : []),
  ];
  const here = reproduceCommand(origin);
  const onMachine = here === undefined ? [] : [HERE, fenced(here, 'bash')];
  const ways = [...run, ...onMachine];
  return ways.length ? ['### Run it again', ...ways].join('\n\n') : '';
}

const HERE = 'On a machine with docker and Node 20, in a checkout of the repository, with the key in `MAAS_API_KEY`:';
