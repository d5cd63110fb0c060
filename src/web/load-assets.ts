import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

export interface Asset {
  /** With the digest of its content, so that a browser never mixes versions. */
  readonly address: string;
  readonly type: string;
  readonly body: string;
}

/** Everything the pages load, by path. Read once, when the server starts. */
export interface Assets {
  readonly style: Asset;
  readonly script: Asset;
  readonly passkeys: Asset;
  readonly icon: Asset;
}

/** Style sheets, and scripts, are joined in the order of their names. */
export function loadAssets(): Assets {
  const icon = readFileSync(new URL('assets/icon.svg', import.meta.url), 'utf8');
  const passkeys = readFileSync(new URL('assets/passkeys.js', import.meta.url), 'utf8');
  return {
    style: asset('/assets/countersign.css', 'text/css; charset=utf-8', joined('styles/', '.css')),
    script: asset('/assets/live.js', 'text/javascript; charset=utf-8', joined('assets/live/', '.js')),
    passkeys: asset('/assets/passkeys.js', 'text/javascript; charset=utf-8', passkeys),
    icon: asset('/assets/icon.svg', 'image/svg+xml', icon),
  };
}

function joined(name: string, suffix: string): string {
  const folder = new URL(name, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith(suffix))
    .toSorted()
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
}

function asset(path: string, type: string, body: string): Asset {
  const version = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return { address: `${path}?v=${version}`, type, body };
}
