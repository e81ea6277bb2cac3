import { at, member, text } from '../json.js';
import { containersOf, podSpecOf, type KubeObject } from './objects.js';
import { KEY_VARIABLE } from './values.js';

/**
 * Objects that would show the key to more than its Secret does: `containers` put it on a command line inside a pod,
 * `literals` hold it outside of any Secret. `stand-in` is what the render had in place of the key.
 */
export function keyExposure(objects: KubeObject[], standIn: string): { containers: string[]; literals: string[] } {
  const containers = objects.flatMap((object) =>
    containersOf(podSpecOf(object))
      .filter((container) => {
        const command = JSON.stringify([member(container, 'command'), member(container, 'args')]);
        return command.includes(`env.${KEY_VARIABLE}`) || command.includes(standIn);
      })
      .map((container) => `${object.kind} ${object.name}, container ${text(member(container, 'name'))}`),
  );
  const literals = objects
    .filter((object) => object.kind !== 'Secret' && JSON.stringify(object.body).includes(standIn))
    .map((object) => `${object.kind} ${text(at(object.body, 'metadata', 'name'))}`);
  return { containers, literals };
}
