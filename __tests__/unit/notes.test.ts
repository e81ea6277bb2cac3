import { describe, expect, it } from 'vitest';
import { notesOfChart, notesOfService } from '../../src/secrets/notes.js';

const https = { baseUrl: 'https://maas.example.com/v1' };
const http = { baseUrl: 'http://maas.example.com/v1' };

describe('notes on how the key is given', () => {
  it('are none where all is well', () => {
    expect(notesOfService({ endpoint: https, apiKey: 'sk-0123456789' })).toEqual([]);
  });

  it('name the input and the fix, and not the key', () => {
    const notes = notesOfService({ endpoint: http, apiKey: '0123456789' });
    expect(notes).toEqual([
      expect.stringMatching(/^input api-key reads as a number.*Fix: /),
      expect.stringMatching(/^input maas-endpoint is http:.*Fix: .*https/),
    ]);
    expect(notes.join()).not.toContain('0123456789');
  });

  it.each(['http://10.1.2.3/v1', 'http://model-service/v1', 'http://gpu.internal/v1', 'http://[fd00::1]/v1'])(
    'are there for every address by http, on a private network too: %s',
    (baseUrl) => {
      expect(notesOfService({ endpoint: { baseUrl }, apiKey: 'sk-0123456789' })).toEqual([
        expect.stringMatching(/^input maas-endpoint is http:/),
      ]);
    },
  );
});

describe('notes on what a chart does with the key', () => {
  it('name the object and the fix, one a place', () => {
    const commands = ['Deployment a, container b'];
    expect(notesOfChart({ commands, literals: ['ConfigMap c', 'Job d'], hashes: ['Pod e'] })).toEqual([
      expect.stringMatching(/^Deployment a, container b: .*command line.*Fix: .*environment.*wiring: gateway/),
      expect.stringMatching(/^ConfigMap c: .*no Secret.*Fix: .*secretKeyRef/),
      expect.stringMatching(/^Job d: .*no Secret.*Fix: .*secretKeyRef/),
      expect.stringMatching(/^Pod e: .*hash of the key.*no Secret.*Fix: .*hash of the whole Secret/),
    ]);
  });
});
