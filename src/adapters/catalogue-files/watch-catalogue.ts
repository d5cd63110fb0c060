import { watch } from 'node:fs';

const quietMs = 300;

/**
 * Calls back once the folder has been quiet for 300 ms after a change, so that half-saved files are not read.
 * A folder that cannot be watched is left alone: reloading by command still works. Returns what stops it.
 */
export function watchCatalogue(folder: string, onChange: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const settle = () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, quietMs).unref();
  };
  try {
    const watcher = watch(folder, { recursive: true, persistent: false }, settle).on('error', () => undefined);
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    return () => undefined;
  }
}
