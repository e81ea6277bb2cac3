// Runs a command with the extractive model service of this repository in the place of a real one, at an address that pods reach:
// for matrices on a machine without the lab.
// Usage: node e2e/with-model-service.mjs COMMAND [ARGUMENT…]
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readAddress, startModelService } from '../dist/index.js';

const [program, ...args] = process.argv.slice(2);
if (program === undefined) throw new Error('usage: node e2e/with-model-service.mjs COMMAND [ARGUMENT…]');

const host = readAddress(execFileSync('docker', ['network', 'inspect', 'bridge'], { encoding: 'utf8' }));
const apiKey = `e2e-${randomBytes(16).toString('hex')}`;
const service = await startModelService({ host, apiKey, model: 'llama-3-2-3b' });
const env = { ...process.env, MAAS_ENDPOINT: `http://${host}:${service.port}/v1`, MAAS_API_KEY: apiKey };
process.exitCode = await new Promise((resolve, reject) => {
  spawn(program, args, { env, stdio: 'inherit' })
    .on('close', (code) => resolve(code ?? 1))
    .on('error', reject);
}).finally(() => service.close());
