import { describe, expect, it } from 'vitest';
import { isShown, textOf } from '../../src/wiring/shown.js';
import { kube } from '../helpers/kube.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('whether a text is in what a chart renders', () => {
  const objects = [
    kube('ConfigMap', 'c', { data: { host: 'http://MaaS.example.com/v1' } }),
    kube('Secret', 's', { data: { url: base64('https://in-data.example'), none: 7 } }),
    kube('Secret', 't', { stringData: { url: 'https://as-text.example' } }),
    kube('Deployment', 'named', { spec: { template: { spec: { containers: [{ args: ['--x=in-a-command'] }] } } } }),
  ];

  it.each([
    'http://MaaS.example.com',
    'maas.EXAMPLE.com',
    'in-data.example',
    'as-text.example',
    'named',
    'IN-A-COMMAND',
  ])('%s is', (text) => {
    expect(isShown(text, objects)).toBe(true);
  });

  it.each(['other.example.com', base64('https://in-data.example').slice(1, 9).concat('!'), 'in-data.example.com'])(
    '%s is not',
    (text) => {
      expect(isShown(text, objects)).toBe(false);
    },
  );

  it('is not where there are no objects', () => {
    expect(isShown('a', [])).toBe(false);
  });
});

describe('an object as text', () => {
  it('has the data of a Secret as it is and decoded, each in a line', () => {
    const lines = textOf(kube('Secret', 's', { data: { a: base64('one'), b: base64('two') } })).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain(base64('one'));
    expect(lines.slice(1)).toEqual(['one', 'two']);
  });

  it.each([
    ['a list', ['x']],
    ['a text', 'x'],
    ['null', null],
  ])('is had where data is %s', (_, data) => {
    expect(textOf(kube('ConfigMap', 'c', { data }))).toContain('"kind":"ConfigMap"');
  });
});
