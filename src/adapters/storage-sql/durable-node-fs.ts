import { closeSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** What of Emscripten's NODEFS is used here (emscripten/src/lib/libnodefs.js); PGlite's types leave it open. */
interface NodeStream {
  /** Absent on a folder. */
  readonly nfd?: number;
  readonly node: unknown;
}
interface NodeFilesystem {
  readonly stream_ops: { fsync?: (stream: NodeStream) => number };
  realPath(node: unknown): string;
}

/** EIO as WASI numbers it. */
const ioError = 29;

/**
 * PGlite's folder filesystem with a real fsync. As it comes, PostgreSQL's fsync ends in nothing:
 * a kill of the process loses nothing, but a power cut may lose or tear what was acknowledged.
 * Needs `fsync=on` and `wal_sync_method=fsync`: Emscripten drops fdatasync(2) before it reaches a filesystem.
 */
export class DurableNodeFs extends NodeFS {
  override async init(pglite: PGlite, options: Parameters<NodeFS['init']>[1]): ReturnType<NodeFS['init']> {
    const prepared = await super.init(pglite, options);
    const preRun = prepared.emscriptenOpts.preRun ?? [];
    const withFsync = [...preRun, (module: { NODEFS: unknown }) => addFsync(module.NODEFS as NodeFilesystem)];
    return { ...prepared, emscriptenOpts: { ...prepared.emscriptenOpts, preRun: withFsync } };
  }
}

function addFsync(filesystem: NodeFilesystem): void {
  filesystem.stream_ops.fsync = (stream) => {
    try {
      if (stream.nfd === undefined) syncFolder(filesystem.realPath(stream.node));
      else fdatasyncSync(stream.nfd);
      return 0;
    } catch {
      // PostgreSQL panics on it, as it must: what it wrote may be gone.
      return ioError;
    }
  };
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
