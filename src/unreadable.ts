/** A file that is not read: what is wrong with it, as the rest of a sentence that begins with its name, and what to do. */
export class Unreadable extends Error {
  constructor(
    message: string,
    readonly fix: string,
    /** What the system says; empty where it would read the file. */
    readonly code = '',
  ) {
    super(message);
    this.name = 'Unreadable';
  }
}
