import { describe, expect, test } from 'vitest';
import { formatFinding } from './format-finding.ts';
import { type ConfigOutcome, configFrom } from './load-config.ts';
import { parseYamlDocument } from './yaml-document.ts';

const FILE = '/etc/heldline/heldline.yaml';

function read(text: string): ConfigOutcome {
  const { document, findings } = parseYamlDocument(FILE, text);
  const defaults = { state: '/var/lib/heldline', run: '/run/heldline' };
  return document === null ? { config: null, findings } : configFrom(document, defaults);
}

describe('web', () => {
  test('is off unless it is there', () => {
    expect(read('').config?.web).toBeNull();
  });

  test('on without a word more, it is for this machine only', () => {
    expect(read('web: {}\n').config?.web).toEqual({ listen: ['127.0.0.1'], port: 8022, url: null, tls: null });
  });

  test('listens nowhere and is reached through SSH', () => {
    expect(read('web: { listen: none }\n').config?.web).toMatchObject({ listen: [] });
  });

  test('is open to others with a certificate', () => {
    const text = 'web: { listen: [0.0.0.0, "::"], port: 443, url: "https://B.example/", tls: { cert: c, key: /k } }\n';
    expect(read(text).config?.web).toEqual({
      listen: ['0.0.0.0', '::'],
      port: 443,
      url: 'https://B.example',
      tls: { cert: '/etc/heldline/c', key: '/k' },
    });
  });

  test.each([
    ['every address without a certificate', 'web:\n  listen: 0.0.0.0\n', '2:11 web.listen: others can'],
    ['one of several', 'web:\n  listen: [127.0.0.1, 10.0.0.1]\n', '2:23 web.listen.1: others can'],
    ['loopback in other clothes', 'web:\n  listen: "::ffff:10.0.0.1"\n', '2:11 web.listen: others can'],
    ['a certificate without its key', 'web: { tls: { cert: c } }\n', '1:8 web.tls: "key" is missing'],
    ['a key that is not known', 'web: { lisen: 127.0.0.1 }\n', '1:8 web: unknown key "lisen"; did you mean "listen"?'],
    ['a URL with a path', 'web: { url: "https://b.example/x" }\n', '1:13 web.url: expected scheme'],
    ['a URL in the clear', 'web: { url: "http://b.example" }\n', '1:13 web.url: use https'],
    ['a URL with a password', 'web: { url: "https://u:p@b.example" }\n', '1:13 web.url: expected scheme'],
  ])('refuses %s', (_, text, message) => {
    const { config, findings } = read(text);
    expect(config).toBeNull();
    expect(findings.map(formatFinding)).toEqual([expect.stringContaining(`${FILE}:${message}`)]);
  });
});
