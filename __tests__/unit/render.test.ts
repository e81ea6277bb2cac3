import { describe, expect, it } from 'vitest';
import { readRender, type ServerInputs } from '../../src/deploy/render.js';
import type { WiredChart } from '../../src/wiring/wire.js';
import { failureOf } from '../helpers/failures.js';
import { kube, service } from '../helpers/kube.js';

const UNSAID: ServerInputs = {
  api: 'auto',
  apiService: '',
  apiPort: undefined,
  uiService: '',
  uiPort: undefined,
  basePath: '',
  healthPath: '',
};
const STACK = service('llamastack', 8321, { app: 'stack' });
const TWO = kube('Service', 'llamastack', {
  spec: { selector: { app: 'stack' }, ports: [{ port: 8321 }, { port: 8080 }] },
});
const UI = service('rag', 8501, { app: 'ui' });
const APP = service('api', 8080, { app: 'api' }, 'http');
const reading = (objects: object[], over: Partial<ServerInputs> = {}, mayBeMade = false) =>
  readRender({ objects } as unknown as WiredChart, { ...UNSAID, ...over }, mayBeMade);

describe('what a chart serves', () => {
  it.each<[string, object[], Partial<ServerInputs>, string, string | undefined]>([
    ['a stack, by its port', [APP, STACK, UI], {}, 'llama-stack', 'llamastack'],
    ['a stack of another name and port', [APP], { api: 'llama-stack', apiService: 'api' }, 'llama-stack', 'api'],
    ['a stack that is named', [APP, STACK], { apiService: 'llamastack' }, 'llama-stack', 'llamastack'],
    ['something else, by its name', [APP, STACK], { apiService: 'api' }, 'none', 'api'],
    ['something else, by its port', [APP], { apiPort: 8080 }, 'none', 'api'],
    ['a plain OpenAI-compatible API', [APP, STACK], { api: 'openai', apiService: 'api' }, 'openai', 'api'],
    ['nothing that is known', [], { api: 'none' }, 'none', undefined],
    ['nothing that is known, although there is a stack', [STACK], { api: 'none' }, 'none', undefined],
    [
      'a stack, by another of its ports',
      [TWO],
      { apiService: 'llamastack', apiPort: 8080 },
      'llama-stack',
      'llamastack',
    ],
    ['something else, although there is a stack', [STACK, APP], { api: 'none', apiPort: 8080 }, 'none', 'api'],
  ])('%s', (_, objects, over, api, name) => {
    const rendered = reading(objects, over);
    expect([rendered.api, rendered.server?.service]).toEqual([api, name]);
  });

  it('is a fault where there should be a stack and is none', async () => {
    const failure = await failureOf(() => reading([APP, UI]));
    expect(failure).toMatchObject({ code: 'E_NO_STACK', hop: 'chart' });
    expect(failure.message).toContain('it renders api:8080, rag:8501');
    expect(failure.fix).toMatch(/api-service: api, with api: openai .* or api: none/);
  });

  it('is a fault where nothing at all is served', async () => {
    const failure = await failureOf(() => reading([]));
    expect(failure).toMatchObject({ code: 'E_NO_STACK' });
    expect(failure.message).toContain('it renders no Service');
  });

  it.each<[Partial<ServerInputs>, string]>([
    [{ api: 'openai' }, 'api: openai'],
    [{ api: 'none', healthPath: '/health' }, 'health-path'],
  ])('%j needs to know the Service', async (over, what) => {
    const failure = await failureOf(() => reading([APP, UI], over));
    expect(failure).toMatchObject({ code: 'E_INPUT', hop: 'inputs' });
    expect(failure.message).toBe(`input ${what} needs to know the Service of the API`);
  });

  it.each<[Partial<ServerInputs>, RegExp]>([
    [{ apiService: 'app' }, /inputs api-service and api-port: .*no Service named app; it renders api:8080, rag:8501/],
    [{ apiPort: 80 }, /no Service on port 80;/],
    [{ apiService: 'api', apiPort: 80 }, /no Service named api on port 80;/],
    [{ api: 'none', uiService: 'web' }, /inputs ui-service and ui-port: .*named web/],
  ])('is a fault where an input names what is not there: %j', async (over, message) => {
    const failure = await failureOf(() => reading([APP, UI], over));
    expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
    expect(failure.message).toMatch(message);
  });

  it('has the user interface that is named, else that of a stack on its port', () => {
    expect(reading([STACK, UI, APP]).ui?.service).toBe('rag');
    expect(reading([STACK, UI, APP], { uiPort: 8080 }).ui).toMatchObject({ service: 'api', targetPort: 'http' });
  });

  it.each<Partial<ServerInputs>>([{ api: 'none' }, { api: 'openai', apiService: 'api' }, { apiService: 'api' }])(
    'has no user interface of which nobody spoke where it is no stack: %j',
    (over) => {
      expect(reading([UI, APP], over).ui).toBeUndefined();
      expect(reading([UI, APP], { ...over, uiPort: 8501 }).ui?.service).toBe('rag');
      expect(reading([UI, APP], { ...over, uiService: 'rag' }).ui?.service).toBe('rag');
    },
  );

  const ports = [{ port: 80 }];
  it.each<[string, object, Partial<ServerInputs>, RegExp]>([
    [
      'an ExternalName',
      { type: 'ExternalName', externalName: 'api.example.com', ports, selector: { app: 'x' } },
      { apiService: 'away' },
      /^input api-service: the Service away is an ExternalName, which leads to api\.example\.com and to no pod of the chart$/,
    ],
    [
      'one without a selector',
      { ports },
      { apiService: 'away', apiPort: 80 },
      /^input api-service: the Service away has no selector: it leads to endpoints that somebody else makes, and to no pod of the chart$/,
    ],
    [
      'one that is named by its port alone',
      { ports },
      { apiPort: 80 },
      /^input api-port: the Service away has no selector/,
    ],
    [
      'one without ports',
      { selector: { app: 'x' }, clusterIP: 'None' },
      { uiService: 'away', api: 'none' },
      /^input ui-service: the Service away has no ports$/,
    ],
    [
      'one without that port',
      { selector: { app: 'x' }, ports },
      { apiService: 'away', apiPort: 8080 },
      /^inputs api-service and api-port: .*no Service named away on port 8080; it renders api:8080, away:80$/,
    ],
  ])('is not %s, and that is said', async (_, spec, over, message) => {
    const failure = await failureOf(() => reading([APP, kube('Service', 'away', { spec })], over));
    expect([failure.code, failure.hop]).toEqual(['E_INPUT', 'inputs']);
    expect(failure.message).toMatch(message);
  });

  it('is not waited for to be made by others where the chart makes it so that it leads to no pod', async () => {
    const away = kube('Service', 'away', { spec: { ports } });
    const failure = await failureOf(() => reading([APP, away], { apiService: 'away', apiPort: 80 }, true));
    expect(failure.message).toMatch(/the Service away has no selector/);
  });

  it('is at fault as what it is', () => {
    expect(reading([STACK]).hopOf({ app: 'stack' })).toBe('stack');
    expect(reading([APP], { apiPort: 8080 }).hopOf({ app: 'api' })).toBe('application');
  });

  it('is a Service that others make, where name and port are said and others may', async () => {
    const named = { apiService: 'made', apiPort: 8321 };
    const { api, server } = reading([UI], named, true);
    expect([api, server]).toEqual([
      'llama-stack',
      { service: 'made', namespace: '', selector: undefined, port: 8321, targetPort: 8321 },
    ]);
    expect((await failureOf(() => reading([UI], named))).code).toBe('E_INPUT');
    expect((await failureOf(() => reading([UI], { apiService: 'made' }, true))).code).toBe('E_INPUT');
    expect((await failureOf(() => reading([UI], { apiPort: 80 }, true))).code).toBe('E_INPUT');
  });
});
