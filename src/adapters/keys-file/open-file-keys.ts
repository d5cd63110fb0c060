import type { KeyService, SigningPurpose } from '../../ports/key-service.port.ts';
import { openKeyFolder } from './key-file.ts';
import { createSigningKeys, type PublicSigningKey } from './signing-keys.ts';
import { createTenantSecrets } from './tenant-secrets.ts';

export interface FileKeys extends KeyService {
  /** For verifiers: what checks signatures of this purpose. Signed is `countersign/<purpose>/v1`, a zero byte, and the text. */
  publicKeys(purpose: SigningPurpose): Promise<readonly PublicSigningKey[]>;
}

/**
 * Keys in a folder (0700) of files (0600), for one machine; each is made on its first use.
 * Whoever copies the folder has every key: larger deployments put a KMS behind the same port.
 * Fails with `key-file-unsafe` where others may read a key or write the folder.
 */
export async function openFileKeys(folder: string): Promise<FileKeys> {
  await openKeyFolder(folder);
  const { sign, verify, publicKeys } = createSigningKeys(folder);
  const { seal, open, mac } = createTenantSecrets(folder);
  return { sign, verify, publicKeys, seal, open, mac };
}
