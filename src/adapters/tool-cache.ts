import { randomUUID } from 'node:crypto';
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDir, downloadTool, extractTar, find } from '@actions/tool-cache';
import type { ToolCache } from '../ports.js';

export const toolCache: ToolCache = {
  find: (tool, version) => find(tool, version) || undefined,
  download: (url, folder) => downloadTool(url, join(folder, randomUUID())),
  unpack: (archive) => extractTar(archive, `${archive}-unpacked`),
  store: async (file, name, note, tool, version) => {
    const folder = await mkdtemp(join(dirname(file), 'tool-'));
    try {
      await cp(file, join(folder, name));
      await chmod(join(folder, name), 0o755);
      await writeFile(join(folder, note.name), `${note.text}\n`);
      return await cacheDir(folder, tool, version);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
