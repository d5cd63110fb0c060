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
  readonly icon: Asset;
}

/** The style sheets are joined in the order of their names. */
export function loadAssets(): Assets {
  const styles = new URL('styles/', import.meta.url);
  const style = readdirSync(styles)
    .filter((name) => name.endsWith('.css'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, styles), 'utf8'))
    .join('\n');
  return {
    style: asset('/assets/countersign.css', 'text/css; charset=utf-8', style),
    script: asset('/assets/live.js', 'text/javascript; charset=utf-8', read('assets/live.js')),
    icon: asset('/assets/icon.svg', 'image/svg+xml', read('assets/icon.svg')),
  };
}

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

function asset(path: string, type: string, body: string): Asset {
  const version = createHash('sha256').update(body).digest('hex').slice(0, 16);
  return { address: `${path}?v=${version}`, type, body };
}
