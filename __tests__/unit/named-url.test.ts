import { describe, expect, it } from 'vitest';
import { below, isOpenOnTheWay, nameOfUrl, namingUrls } from '../../src/named-url.js';

describe('the name of a URL', () => {
  it.each([
    ['https://a.example/x.tgz?sig=top-secret', 'https://a.example/x.tgz'],
    ['https://a.example/x.tgz#top-secret', 'https://a.example/x.tgz'],
    ['https://a.example?sig=top-secret', 'https://a.example'],
    ['https://user:top-secret@a.example:8443/x', 'https://a.example:8443/x'],
    ['https://user:top@secret@a.example', 'https://a.example'],
    ['oci://a.example/charts/x?sig=top-secret#f', 'oci://a.example/charts/x'],
    ['HTTPS://a.example/x?sig=top\nsecret', 'HTTPS://a.example/x'],
    ['a.example/x?sig=top-secret', 'a.example/x'],
    ['https://a.example/@scope/x', 'https://a.example/@scope/x'],
    ['https:///user:top-secret@a.example/x', 'https://a.example/x'],
    ['https:/user:top-secret@a.example/x', 'https://a.example/x'],
    ['https:user:top-secret@a.example/x', 'https://a.example/x'],
    ['https:\\\\user:top-secret@a.example\\x', 'https://a.example\\x'],
    ['ht\ntps://user:top-secret@a.example/x', 'https://a.example/x'],
    [' https://user:top-secret@a.example/x ', 'https://a.example/x'],
    ['https://user:top/secret@a.example/x', 'https://…'],
    ['https://user:top?secret@a.example/x', 'https://…'],
    ['https://user:top#secret@a.example/x', 'https://…'],
    ['', ''],
  ])('%s', (url, name) => {
    expect(nameOfUrl(url)).toBe(name);
  });
});

describe('a text of somebody else', () => {
  it.each([
    [
      'Error: Get "https://a.example/x.tgz?sig=top-secret": dial tcp: lookup a.example',
      'Error: Get "https://a.example/x.tgz": dial tcp: lookup a.example',
    ],
    ['see (https://u:top-secret@a.example/x?a=1&b=2).', 'see (https://a.example/x).'],
    ['http://a/?x=1, oci://b/c?y=2; done', 'http://a/, oci://b/c; done'],
    ["failed to fetch 'https://a.example/i?x=1' : 403", "failed to fetch 'https://a.example/i' : 403"],
    ['what is it? a question?yes#no', 'what is it? a question?yes#no'],
  ])('%s', (text, named) => {
    expect(namingUrls(text)).toBe(named);
  });
});

it.each([
  ['https://m', 'a/b', 'https://m/a/b'],
  ['https://m/x//', 'a', 'https://m/x/a'],
  ['https://m/x?sig=1', 'a', 'https://m/x/a?sig=1'],
  ['https://m/x/?sig=1#f', 'a', 'https://m/x/a?sig=1'],
])('a path below %s', (base, path, url) => {
  expect(below(base, path)).toBe(url);
});

it.each([
  ['http://mirror.example/x', true],
  ['http://10.0.0.1:8080', true],
  ['http://127.evil.example', true],
  ['http://localhost.example', true],
  ['http://[fe80::1]', true],
  ['http://127.0.0.1:8090', false],
  ['http://127.8.9.10', false],
  ['http://2130706433', false],
  ['http://localhost.:1', false],
  ['http://[::1]:80/x', false],
  ['https://mirror.example', false],
  ['oci://registry.example/x', false],
])('%s is open on the way: %s', (url, open) => {
  expect(isOpenOnTheWay(url)).toBe(open);
});
