/**
 * What nobody catches: a fault of this action itself. Node would print it as it is, with whatever its message quotes.
 *
 * @param report tells of it, and gives the exit code; `stack` names the places in the code, below the message
 */
export function onUncaught(report: (message: string, stack: string) => number): void {
  process.on('uncaughtException', (error: unknown) => {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    process.exit(report(`unexpected error: ${message}`, stack));
  });
}
