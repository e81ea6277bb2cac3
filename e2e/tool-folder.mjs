// Where programs stay between runs on a machine of one's own: below the user's home, where nobody else can put another one.
import { lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Write bits of group and others. */
const WRITABLE = 0o022;
/** That of others alone: many systems give each user a group of their own. */
const OPEN = 0o002;
/** In such a folder only the owner of an entry can put another one in its place. */
const STICKY = 0o1000;

/**
 * The folder for tools, made if it is not there. https://specifications.freedesktop.org/basedir-spec/latest/
 * @throws Error that says what is wrong with it: somebody else's programs would be run, with the key on their standard input
 */
export function toolFolder(env = process.env, home = homedir()) {
  const given = env.XDG_CACHE_HOME ?? '';
  const cache = isAbsolute(given) ? given : join(home, '.cache');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const around = untrustedAround(statSync(cache));
  if (around)
    throw new Error(`${cache} ${around}: what is in it is not run. Fix: set XDG_CACHE_HOME to a folder of yours.`);
  const own = join(cache, 'maas-e2e');
  const tools = join(own, 'tools');
  for (const folder of [own, tools]) {
    makeFolder(folder);
    const why = untrusted(lstatSync(folder));
    if (why) throw new Error(`${folder} ${why}: what is in it is not run. Fix: remove it.`);
  }
  return tools;
}

function makeFolder(path) {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}

/** What speaks against the folder around it, links followed: whoever may write to it can put another folder in its place. */
function untrustedAround({ uid, mode }) {
  if (process.getuid && uid !== process.getuid() && uid !== 0) return `belongs to another user (${uid})`;
  return mode & OPEN && !(mode & STICKY) ? 'can be written to by others' : undefined;
}

/** What speaks against a folder, as its entry says it: not what a link leads to. */
function untrusted(entry) {
  if (!entry.isDirectory()) return entry.isSymbolicLink() ? 'is a link' : 'is not a folder';
  if (process.getuid && entry.uid !== process.getuid()) return `belongs to another user (${entry.uid})`;
  return entry.mode & WRITABLE ? 'can be written to by others' : undefined;
}
