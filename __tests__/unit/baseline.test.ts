import { describe, expect, it } from 'vitest';
import { baselineOf } from '../../src/report/baseline.js';
import { memoryFiles, recordedLog } from '../helpers/memory.js';

const read = async (path: string, content: string | Error | undefined) => {
  const log = recordedLog();
  const found = await baselineOf(path, memoryFiles(content === undefined ? {} : { '/b.json': content }), log);
  return { found, lines: log.lines };
};

describe('the report of an earlier run', () => {
  it('is not looked for where none is named', async () => {
    const never = { read: () => Promise.reject(new Error('it was read')) };
    const log = recordedLog();
    expect(await baselineOf('', never, log)).toBeUndefined();
    expect(log.lines).toEqual([]);
  });

  it('that is not there is that of a first run: told, and no warning', async () => {
    expect(await read('/b.json', undefined)).toEqual({
      found: undefined,
      lines: ['info: There is no baseline yet at /b.json: nothing is compared.'],
    });
  });

  it('is read', async () => {
    const { found, lines } = await read('/b.json', '{"version":1,"result":"passed","checks":[]}');
    expect(found).toMatchObject({ result: 'passed', code: '' });
    expect(lines).toEqual([]);
  });

  it.each<[string, string | Error, string]>([
    ['not to be opened', new Error('EACCES: permission denied'), 'EACCES: permission denied'],
    ['a folder', new Error('EISDIR: illegal operation on a directory'), 'EISDIR'],
    ['no JSON', 'x', 'JSON'],
    ['of another version', '{"version":2,"checks":[]}', 'it is no report.json of this action, of version 1'],
  ])('that is %s is a warning, and nothing is compared', async (_, content, why) => {
    const { found, lines } = await read('/b.json', content);
    expect(found).toBeUndefined();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^warning: The baseline \/b\.json can not be read, so that nothing is compared: /);
    expect(lines[0]).toContain(why);
  });
});
