import type { KeyExposure } from '../deploy/exposure.js';
import type { Endpoint } from '../maas/endpoint.js';
import { isOpenOnTheWay } from '../named-url.js';
import { isNumber } from './number.js';

/** What the user should know of how the key is given to this run. */
export function notesOfService(service: { endpoint: Endpoint; apiKey: string }): string[] {
  return [
    ...(isNumber(service.apiKey)
      ? [
          'input api-key reads as a number: the stack turns it into one, and may then refuse it or send another text. Fix: use a key with letters in it.',
        ]
      : []),
    ...(service.apiKey.includes(' ')
      ? ['input api-key has a space inside, which keys seldom have. Fix: check that it is the key alone, and whole.']
      : []),
    ...(isOpenOnTheWay(service.endpoint.baseUrl)
      ? [
          'input maas-endpoint is http: everybody on the way to the model service can read the key. Fix: use its https address.',
        ]
      : []),
  ];
}

/** What the chart does with the key that it should not. */
export function notesOfChart({ commands, literals, hashes }: KeyExposure): string[] {
  return [
    ...commands.map(
      (where) =>
        `${where}: the chart has the key in a command, from where it gets onto a command line inside the container. Fix: let the program read it from the environment; or take wiring: gateway, with which no container of the chart has it.`,
    ),
    ...literals.map(
      (where) =>
        `${where}: the chart writes the key into an object that is no Secret. Fix: let it refer to the Secret, by secretKeyRef or as \${env.MAAS_API_KEY}.`,
    ),
    ...hashes.map(
      (where) =>
        `${where}: the chart writes a hash of the key into an object that is no Secret, by which a guess of the key can be tried. Fix: take the hash of the whole Secret.`,
    ),
  ];
}
