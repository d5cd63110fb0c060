import { join } from 'node:path';

/** `countersign` in the user's cache, after the XDG Base Directory Specification 0.8; relative values are ignored, as it says. */
export function userCacheFolder(user: { readonly xdgCacheHome: string | undefined; readonly home: string }): string {
  const cache = user.xdgCacheHome?.startsWith('/') === true ? user.xdgCacheHome : join(user.home, '.cache');
  return join(cache, 'countersign');
}
