import { describe, expect, it } from 'vitest';
import { RunError } from '../../src/errors.js';
import { parseInputs } from '../../src/inputs.js';
import { rawInputs } from '../helpers/inputs.js';

/** Inputs that reach no command line, or reach it as a part of something else: a path of the workspace, JSON, a script for sh. */
const NOWHERE = [
  'api-key',
  'model',
  'values-file',
  'pre-install-manifests',
  'post-install-command',
  'test-command',
  'test-report',
  'baseline',
];

describe('no input becomes a flag of a program', () => {
  const wouldBeFlags = ['--help', '-h', '--post-renderer=/bin/sh', '-'];

  it.each(
    Object.keys(rawInputs())
      .filter((name) => !NOWHERE.includes(name))
      .flatMap((name) => wouldBeFlags.map((flag) => [name, flag])),
  )('%s: %s', (name = '', flag = '') => {
    const beside = name === 'chart' ? [{}, { 'chart-repository': 'https://c.example' }] : [{}];
    for (const over of beside) {
      const parse = () => parseInputs(rawInputs({ ...over, ...(name === 'chart-version' && FETCHED), [name]: flag }));
      expect(parse).toThrow(RunError);
    }
  });

  const FETCHED = { chart: 'rag', 'chart-repository': 'https://c.example' };
});
