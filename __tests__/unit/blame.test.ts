import { describe, expect, it } from 'vitest';
import { blamedByLog, vainWait } from '../../src/deploy/rollout/blame.js';
import type { ErrorCode } from '../../src/error-codes.js';

const CRASH = { code: 'E_CRASH_LOOP' } as const;

describe('the log of a container that has ended, or waits', () => {
  it.each([
    'RuntimeError: Could not connect to PGVector database server',
    'psycopg2.OperationalError: connection to server at "pgvector" (10.96.0.9), port 5432 failed: refused',
    '  could not translate host name "pgvector" to address: Name or service not known',
  ])('accuses the vector store: %s', (line) => {
    const blamed = blamedByLog(CRASH, ['starting', line, 'Traceback']);
    expect(blamed).toMatchObject({ code: 'E_VECTOR_STORE', hop: 'vector store', line: line.trim() });
    expect(blamed?.fix).toContain('vector database');
  });

  const LINE = 'could not translate host name "pgvector" to address';

  it.each<ErrorCode>(['E_CRASH_LOOP', 'E_JOB_FAILED', 'E_INIT_STUCK'])(
    'accuses where it tells the cause: %s',
    (code) => {
      expect(blamedByLog({ code }, [LINE])?.code).toBe('E_VECTOR_STORE');
    },
  );

  it.each<ErrorCode>(['E_OOM_KILLED', 'E_NEVER_READY', 'E_IMAGE_PULL', 'E_CONTAINER_CONFIG', 'E_UNSCHEDULABLE'])(
    'accuses nobody where another cause is known: %s',
    (code) => {
      expect(blamedByLog({ code }, [LINE])).toBeUndefined();
    },
  );

  it('accuses by its last line that does: earlier ones may be of tries that came right', () => {
    const line = (host: string) => `could not translate host name "${host}" to address`;
    expect(blamedByLog(CRASH, [line('a'), 'again', line('b'), 'ended'])?.line).toBe(line('b'));
  });

  it.each([
    [[]],
    [['ValueError: bad config', 'connection to server at "smtp", port 25 failed']],
    [['waiting for https://maas.example.com/v1/models: HTTP Error 401: Unauthorized']],
  ])('accuses nobody else: %j', (lines) => {
    expect(blamedByLog(CRASH, lines)).toBeUndefined();
  });
});

describe('a stack that has made a number of the key', () => {
  const line = (type: string) =>
    `  Input should be a valid string [type=string_type, input_value=***, input_type=${type}]`;

  it.each([
    ['api_token', 'int'],
    ['config.api_token', 'float'],
    ['openai_api_key', 'int'],
  ])('accuses the key: %s', (name, type) => {
    const blamed = blamedByLog(CRASH, ['1 validation error', name, line(type), 'For further information']);
    expect(blamed).toMatchObject({ code: 'E_KEY_FORM', hop: 'inputs' });
    expect(blamed?.line).toBe(`${name}: ${line(type).trim()}`);
    expect(blamed?.fix).toContain('letters');
  });

  it.each([
    ['another value', ['db_name', line('int')]],
    ['another fault', ['api_token', line('list')]],
    ['no name', [line('int')]],
  ])('accuses nobody for %s', (_, lines) => {
    expect(blamedByLog(CRASH, lines)).toBeUndefined();
  });
});

describe('a wait for the model service', () => {
  const SERVICE = 'https://maas.example.com/v1';
  const vain = (line: string, ms: number, service: string | undefined = SERVICE) =>
    vainWait(['starting', line], service, ms);
  const waits = (why: string) => `waiting for ${SERVICE}/models: ${why}`;

  it.each(['HTTP Error 401: Unauthorized', 'HTTP Error 403: Forbidden', 'curl: returned error: 401'])(
    'is vain after 8 s of a refused key: %s',
    (why) => {
      const blame = vain(waits(why), 8000);
      expect(blame).toMatchObject({ code: 'E_STACK_KEY', hop: 'stack', line: waits(why) });
      expect(blame?.fix).toContain('does not hand the key to the stack');
      expect(vain(waits(why), 7999)).toBeUndefined();
    },
  );

  it.each([
    'Connection refused',
    'Name or service not known',
    'Temporary failure in name resolution',
    'timed out',
    'No route to host',
    'Could not resolve host: maas.example.com',
  ])('is vain after 90 s without a way there: %s', (why) => {
    const blame = vain(waits(why), 90_000);
    expect(blame).toMatchObject({ code: 'E_STACK_TO_SERVICE', hop: 'stack', line: waits(why) });
    expect(blame?.fix).toContain('Check that pods reach maas-endpoint');
    expect(vain(waits(why), 89_999)).toBeUndefined();
  });

  it.each([
    ['says something else', waits('HTTP Error 503: Service Unavailable')],
    ['says nothing of why', waits('')],
    ['is about another host', 'waiting for http://pgvector:5432: HTTP Error 401: connection refused'],
    ['has the number in a longer one', waits('4015 models')],
  ])('is none where the line %s', (_, line) => {
    expect(vain(line, 3_600_000)).toBeUndefined();
  });

  it('is told by the newest line alone: before, it may have been otherwise', () => {
    const [refused, other] = [waits('HTTP Error 401'), 'waiting for pgvector'];
    expect(vainWait([other, refused, '', '  '], SERVICE, 8000)?.line).toBe(refused);
    expect(vainWait([refused, other], SERVICE, 8000)).toBeUndefined();
    expect(vainWait([], SERVICE, 8000)).toBeUndefined();
  });

  it('is none where no service is wired in', () => {
    expect(vainWait([waits('HTTP Error 401')], undefined, 8000)).toBeUndefined();
  });

  it('is not refused because its own address has such a number', () => {
    const service = 'http://maas.example.com:401/403/v1';
    expect(vain(`waiting for ${service}/models: starting`, 3_600_000, service)).toBeUndefined();
    expect(vain(`waiting for ${service}/models: HTTP 403`, 8000, service)?.code).toBe('E_STACK_KEY');
  });
});
