import type { KeyService, PublicKeys, SigningPurpose } from '../../ports/key-service.port.ts';
import { openKeyFolder } from './key-file.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createTenantSecrets } from './tenant-secrets.ts';

export interface FileKeys extends KeyService, PublicKeys {
  /** From now on a new key signs for this purpose; the ones before it go on verifying. */
  rotate(purpose: SigningPurpose): Promise<void>;
}

/**
 * Keys in a folder (0700) of files (0600), for one machine; each is made on its first use.
 * Whoever copies the folder has every key: larger deployments put a KMS behind the same port.
 * Fails with `key-file-unsafe` where others may read a key or write the folder.
 */
export async function openFileKeys(folder: string): Promise<FileKeys> {
  await openKeyFolder(folder);
  const { sign, verify, publicKeys, rotate } = createSigningKeys(folder);
  const { seal, open, mac } = createTenantSecrets(folder);
  return { sign, verify, publicKeys, rotate, seal, open, mac };
}
