import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openPrivateFile } from './private-file.ts';

/** Name of the file in the data folder. Who can read it owns the installation, and may act as any development identity. */
export const ownerSecretFile = 'owner-secret';

/** 256 bits in base64url, made on first use. Fails with `key-file-unsafe`. */
export async function openOwnerSecret(dataFolder: string): Promise<string> {
  const text = await openPrivateFile(
    join(dataFolder, ownerSecretFile),
    async () => `${randomBytes(32).toString('base64url')}\n`,
  );
  return text.trim();
}
