import { realpath } from 'node:fs/promises';

/** A path with its links followed; undefined if there is nothing. @throws what the system says, other than "not found" */
export async function realPath(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
