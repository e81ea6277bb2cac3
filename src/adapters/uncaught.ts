import { messageOf } from '../errors.js';

/** What nobody catches: a fault of this action itself, thrown by a timer, an emitter or a promise that nobody waits for. */
export interface Uncaught {
  /** Hands on each error, first those that came before anybody asked, and from then on the warnings of Node. */
  handOn: (take: (thrown: unknown) => void, warned: (line: string) => void) => void;
}

/**
 * Keeps the process alive until it has its verdict. Node would end it, and print the error as it is, with whatever its message
 * quotes; its warnings quote errors too (`--unhandled-rejections=warn`), so they go the same way.
 */
export function watchUncaught(): Uncaught {
  const early: unknown[] = [];
  let take = (thrown: unknown): void => void early.push(thrown);
  let warned: (line: string) => void = () => undefined;
  const hand = (thrown: unknown) => take(thrown);
  process.on('uncaughtException', hand);
  // by default such a one becomes an uncaught exception; not with NODE_OPTIONS=--unhandled-rejections=warn or none
  process.on('unhandledRejection', hand);
  process.on('beforeExit', () => hand(new Error('nothing is left to wait for, and the run has no end')));
  process.removeAllListeners('warning');
  process.on('warning', (warning) => warned(messageOf(warning)));
  // whoever read the log is gone: writing to it fails for ever, and each failure would be the next error
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return {
    handOn: (to, toWarn) => {
      [take, warned] = [to, toWarn];
      early.splice(0).forEach(to);
    },
  };
}

/** ms for the last lines of the log to be read. */
const DRAIN_MS = 5000;

/** Ends the process when its log is written, whatever else still holds it open. */
export async function endProcess(code: number): Promise<never> {
  const drained = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
  );
  const late = new Promise<void>((resolve) => void setTimeout(resolve, DRAIN_MS));
  await Promise.race([Promise.all(drained), late]);
  process.exit(code);
}
