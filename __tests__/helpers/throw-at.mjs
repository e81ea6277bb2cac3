// Preloaded into a run of the bundle: throws where nobody catches it, as the log comes to a line.
// THROW_AT: a pattern of the line; THROW_HOW: how; THROW_WHAT: what, in JavaScript.
import crypto from 'node:crypto';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';

const { THROW_AT: pattern = '', THROW_HOW: how = '', THROW_WHAT: what = 'new Error("boom")' } = process.env;
const value = () => Function(`return (${what})`)();
const ways = {
  timer: () =>
    setTimeout(() => {
      throw value();
    }, 0),
  promise: () => void Promise.reject(value()),
  emitter: () => setTimeout(() => new EventEmitter().emit('error', value()), 0),
};

if (how === 'before') {
  crypto.randomBytes = () => {
    throw value();
  };
  syncBuiltinESMExports();
} else if (how === 'first') {
  const env = process.env;
  process.env = new Proxy(env, {
    get: (_, name) => {
      if (name === 'INPUT_API-KEY') throw value();
      return env[name];
    },
  });
} else if (how in ways) {
  const write = process.stdout.write.bind(process.stdout);
  let isThrown = false;
  process.stdout.write = (text, ...rest) => {
    if (!isThrown && new RegExp(pattern, 'm').test(String(text))) {
      isThrown = true;
      ways[how]();
    }
    return write(text, ...rest);
  };
}
