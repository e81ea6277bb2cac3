/**
 * The effects of a run, as narrow as their callers need them. The real ones are in adapters/; only the
 * composition roots choose them.
 */

/** How a line of the log is meant; shown as a colour where the log has colours. */
export type Tone = 'good' | 'bad';

/** A place in the repository. */
export interface Place {
  /** Relative to the workspace. */
  file: string;
  /** From 1. */
  line?: number;
}

/** The job log. Every line is redacted on its way out. */
export interface Log {
  info(line: string, tone?: Tone): void;
  /** Shown where the user has debug logging on (ACTIONS_STEP_DEBUG). */
  debug(line: string): void;
  warning(line: string): void;
  notice(line: string): void;
  /** An error annotation: shown in red at the end of the step, and at its place on the pull request. */
  error(title: string, line: string, place?: Place): void;
  openGroup(title: string): void;
  closeGroup(): void;
}

/** What the runner takes from a step. */
export interface Runner {
  /** Has the runner mask a value in every later log line. */
  mask(secret: string): void;
  output(name: string, value: string): void;
  variable(name: string, value: string): void;
  saveState(name: string, value: string): void;
  summary(markdown: string): Promise<void>;
}

export interface Command {
  program: string;
  args: string[];
  /** Text for standard input. */
  input?: string;
  /** Its folder; that of this process where left out. */
  cwd?: string;
  /** Variables added to the child's small base environment. */
  env?: Record<string, string>;
  /** The child is ended after this many ms, and `timedOut` is set. */
  timeoutMs?: number;
  /** Takes the lines of both streams as they come, redacted; one of more than 16,384 characters in parts. */
  onLine?: (line: string) => void;
}

export interface CommandResult {
  /** Exit code; 127 where the program does not exist, 128 and more where a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** Child processes. Never rejects because of an exit code. The key is taken out of `stderr`; `stdout` is as it came. */
export interface Commands {
  run(command: Command): Promise<CommandResult>;
}

export interface Files {
  /**
   * The text of a file, or undefined where there is none. What is read is a regular file whose path, links resolved, lies in the
   * workspace or in RUNNER_TEMP.
   * @param mostBytes 16 MiB where left out
   * @throws Unreadable for any other file, and for a larger one; the reason of the run's end
   */
  read(path: string, mostBytes?: number): Promise<string | undefined>;
  /** Writes a file that only its owner can read (0600). */
  write(path: string, text: string): Promise<void>;
  /** Makes a folder that only its owner can enter (0700), and its parents. */
  makeDir(path: string): Promise<void>;
  /** A file, or a folder with all that is in it. */
  remove(path: string): Promise<void>;
  /** A file alone, and a link itself. @throws Unreadable where its folder is outside of the roots; what the system says of anything else */
  removeFile(path: string): Promise<void>;
  /** Paths of the files below a folder, at any depth; none where it is not there. */
  list(folder: string): Promise<string[]>;
  /** SHA-256 of a file, in hex; undefined where there is none. */
  sha256(path: string): Promise<string | undefined>;
}

/** Processes of this machine. */
export interface Processes {
  /** What tells the process that started this one from every other: the job. */
  parent(): string;
  /** Whether a process that was told so still runs; undefined where it is one of another machine or container. */
  isAlive(identity: string): boolean | undefined;
  /** Ends every process whose environment has this variable, with its group; gives how many there were. */
  endAll(variable: string, value: string): Promise<number>;
}

/** The runner's tool cache: a folder that other jobs, and on a runner of one's own other users, may write to. */
export interface ToolCache {
  /** Folder of a cached tool, or undefined. */
  find(tool: string, version: string): string | undefined;
  /**
   * Downloads into a folder, in one attempt, and gives the file's path. What did not arrive whole is removed.
   * @throws DownloadFailure, also where there are more bytes than `mostBytes`
   */
  download(url: string, folder: string, mostBytes: number): Promise<string>;
  /** Copies a regular file, and through no link, for its owner alone. False: there is none, or it is more than `mostBytes`. */
  copy(from: string, to: string, mostBytes: number): Promise<boolean>;
  /**
   * Takes one regular file of at most `mostBytes` out of a .tar.gz, as an executable of its owner.
   * @throws Error that says what is wrong with the archive
   */
  unpack(archive: string, member: string, to: string, mostBytes: number): Promise<void>;
  /** Moves a file to a place where its owner can run it. */
  install(from: string, to: string): Promise<void>;
  /** Copies a file into the cache under a name. @throws where the cache cannot be written to */
  store(file: string, name: string, tool: string, version: string): Promise<void>;
}

export interface ApiAnswer {
  body: unknown;
  headers: Record<string, string>;
}

/** A file for an API. */
export interface Upload {
  name: string;
  /** Media type. */
  type: string;
  content: string | Uint8Array;
}

/**
 * An API in the form of OpenAI's. One attempt a call, with a deadline; redirects are not followed.
 * @throws ApiFailure
 */
export interface OpenAiApi {
  get(path: string): Promise<ApiAnswer>;
  post(path: string, body: object): Promise<ApiAnswer>;
  delete(path: string): Promise<ApiAnswer>;
  upload(file: Upload): Promise<ApiAnswer>;
  /** The chunks of a server-sent stream. */
  stream(path: string, body: object): AsyncIterable<unknown>;
}

export interface ApiTarget {
  /** With the version part, such as https://host/v1. */
  baseUrl: string;
  apiKey: string;
  /** Deadline of one call, in ms. */
  timeoutMs: number;
}

export interface Web {
  /** Status and body (its first 65,536 bytes) of a plain GET. @throws where no answer comes within 10 s */
  get(url: string): Promise<{ status: number; text: string }>;
  /**
   * Opens a WebSocket, sends one binary message and takes what comes until `isLast` says so.
   * @throws where it does not open, or closes before the last one, or after 30 s
   */
  converse(url: string, first: Uint8Array, isLast: (message: Uint8Array) => boolean): Promise<Uint8Array[]>;
}

/**
 * Serves HTTP on this machine until it is closed; port 0 is any that is free. What the handler throws becomes a JSON error.
 * @throws what the system says where it can not listen there, with its code (EADDRNOTAVAIL, EADDRINUSE)
 */
export type Serve = (
  handle: (request: Request) => Promise<Response> | Response,
  host: string,
  port: number,
) => Promise<{ port: number; close: () => Promise<void> }>;

export interface Ports {
  log: Log;
  runner: Runner;
  commands: Commands;
  files: Files;
  processes: Processes;
  toolCache: ToolCache;
  openAi: (target: ApiTarget) => OpenAiApi;
  web: Web;
  serve: Serve;
}
