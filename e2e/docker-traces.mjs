// What one run makes in docker, by the engine's own events: other runs may make and delete theirs beside it.
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The label that kind gives its nodes. */
const CLUSTER = 'io.x-k8s.kind.cluster';

const docker = (...args) => execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean);

/** Watches from now on, until `stop`. */
export function watchDocker() {
  const filters = ['type=container', 'type=volume', 'event=create', 'event=mount'];
  const args = ['events', '--since', String(Date.now() / 1000), '--format', '{{json .}}'];
  const watching = spawn('docker', [...args, ...filters.flatMap((filter) => ['--filter', filter])], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const events = [];
  createInterface({ input: watching.stdout }).on('line', (line) => events.push(JSON.parse(line)));

  /** Nodes of a cluster, and the volumes that were theirs. */
  function tracesOf(cluster) {
    const made = events.filter(({ Type, Actor }) => Type === 'container' && Actor.Attributes[CLUSTER] === cluster);
    const nodes = made.map(({ Actor }) => Actor.ID);
    const theirs = events.filter(({ Type, Actor }) => Type === 'volume' && nodes.includes(Actor.Attributes.container));
    return { nodes, volumes: [...new Set(theirs.map(({ Actor }) => Actor.ID))] };
  }

  return {
    tracesOf,
    /** Containers and volumes of a cluster that are still there. */
    leftOf: (cluster) => {
      const { nodes, volumes } = tracesOf(cluster);
      const there = [...docker('ps', '-aq', '--no-trunc'), ...docker('volume', 'ls', '-q')];
      const labelled = docker('ps', '-aq', '--no-trunc', '--filter', `label=${CLUSTER}=${cluster}`);
      return [...new Set([...there.filter((id) => [...nodes, ...volumes].includes(id)), ...labelled])];
    },
    stop: () => watching.kill(),
  };
}
