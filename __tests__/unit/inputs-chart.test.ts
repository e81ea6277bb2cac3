import { describe, expect, it } from 'vitest';
import type { StubWish } from '../../src/deploy/stubs.js';
import { failureOf } from '../helpers/failures.js';
import { inputs } from '../helpers/inputs.js';

describe('a chart of any kind', () => {
  it('is fetched where a repository or a URL says so', () => {
    const repository = 'https://charts.example';
    expect(inputs({ chart: 'rag', 'chart-repository': repository, 'chart-version': '1.2.3' }).chart).toEqual({
      name: 'rag',
      repository,
      version: '1.2.3',
    });
  });

  it.each<[string, StubWish]>([
    ['auto', 'auto'],
    ['none', 'none'],
    ['routes.route.openshift.io', ['routes.route.openshift.io']],
    ['Route, Widget\n  gadgets.acme.example', ['Route', 'Widget', 'gadgets.acme.example']],
  ])('has stubs for %s', (text, wish) => {
    expect(inputs({ 'stub-crds': text }).stubCrds).toEqual(wish);
  });

  it.each(['', ' ', 'a/b', 'x y;z'])('has no stubs for "%s"', async (text) => {
    expect((await failureOf(() => inputs({ 'stub-crds': text }))).message).toMatch(/^input stub-crds is /);
  });

  it('takes manifests one a line', () => {
    expect(inputs({ 'pre-install-manifests': ' a.yaml\n\nhttps://x.example/b.yaml ' }).preInstallManifests).toEqual([
      'a.yaml',
      'https://x.example/b.yaml',
    ]);
  });

  it.each([
    ['secret-name', 'llm'],
    ['secret-keys', 'api-key=key'],
  ])('asks for a Secret by %s alone', (name, value) => {
    expect(inputs({ [name]: value }).secret).toMatchObject({ asked: true });
  });

  it.each(['a', 'llm.creds', '0-9.z'])('may name a Secret %s', (name) => {
    expect(inputs({ 'secret-name': name }).secret.name).toBe(name);
  });

  it.each(['A', 'a..b', '.a', 'a-', 'a_b', 'a'.repeat(254)])('may not name a Secret %s', async (name) => {
    expect((await failureOf(() => inputs({ 'secret-name': name }))).message).toMatch(/^input secret-name is /);
  });

  it.each(['skip', 'stand-in', 'fail', ''])('may say %s of a missing key', (text) => {
    expect(() => inputs({ 'when-no-key': text })).not.toThrow();
  });

  it('may say nothing else of a missing key', async () => {
    expect((await failureOf(() => inputs({ 'when-no-key': 'perhaps' }))).message).toBe(
      'input when-no-key is "perhaps"',
    );
  });

  it.each(['v1', '/a b', 'https://x/v1'])('has no base path %s', async (path) => {
    expect((await failureOf(() => inputs({ 'api-base-path': path }))).message).toMatch(/^input api-base-path is /);
  });
});
