import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../src/secrets/environment.js';
import { apiKeySecret } from '../../src/secrets/secret.js';

const KEY = 'sk-Zq7Rk2Wp9Lx4Vm8TbN3c';
const withheldOf = (env: Record<string, string>, key = KEY) => withoutSecrets(env, [apiKeySecret(key)]).withheld;

describe('the environment of commands', () => {
  it.each([
    ['as it is', KEY],
    ['in capital letters', KEY.toUpperCase()],
    [
      'in the other case',
      KEY.replace(/[a-z]/gi, (char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase())),
    ],
    ['in wrapped base64', Buffer.from(`token: ${KEY}`).toString('base64').replace(/.{16}/g, '$&\n')],
    ['escaped', KEY.replaceAll('-', '\\-')],
    ['mostly', KEY.slice(4, 16)],
  ])('is without a variable that holds the key %s', (_, value) => {
    expect(withheldOf({ TOKEN: value, OTHER: 'x' })).toEqual(['TOKEN']);
  });

  it('keeps what holds a word of the key only, and PATH and HOME unless they hold all of it', () => {
    const key = 'my-application-token-91';
    expect(withheldOf({ APP: 'the application', NAME: key.slice(2, 18), PATH: '/my-application/bin' }, key)).toEqual([
      'NAME',
    ]);
    expect(withheldOf({ HOME: `/${key}` }, key)).toEqual(['HOME']);
  });
});
