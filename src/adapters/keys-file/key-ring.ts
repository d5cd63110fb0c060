import { createHash } from 'node:crypto';
import { createKeyFile, readKeyFile, type StoredKey } from './key-file.ts';

/**
 * One folder's keys, each read or made once and kept in memory in the form its use needs.
 * The first generation's file is `<name>-1.json`, its key id `<name>-1-<8 hex>`; later generations are for rotation.
 */
export interface KeyRing<Key> {
  /** The key, made on first use. */
  ensure(name: string): Promise<Key>;
  /** The key, where it exists. */
  find(name: string): Promise<Key | undefined>;
}

export interface KeyForm<Key> {
  /** Fresh secret bytes. */
  readonly generate: () => Buffer;
  /** What the id is a digest of; public for signing keys. */
  readonly identity: (secret: Buffer) => Buffer;
  readonly load: (keyId: string, secret: Buffer) => Key;
}

export function createKeyRing<Key>(folder: string, form: KeyForm<Key>, generation = 1): KeyRing<Key> {
  const known = new Map<string, Promise<Key>>();
  const fileOf = (name: string) => `${name}-${generation}.json`;
  const load = (stored: StoredKey) => form.load(stored.keyId, Buffer.from(stored.secret, 'base64'));

  const make = async (name: string) => {
    const stored = await readKeyFile(folder, fileOf(name));
    if (stored !== undefined) return load(stored);
    const secret = form.generate();
    const keyId = `${name}-${generation}-${shortDigest(form.identity(secret))}`;
    return load(await createKeyFile(folder, fileOf(name), { keyId, secret: secret.toString('base64') }));
  };

  const ensure = (name: string) => {
    const cached = known.get(name);
    if (cached !== undefined) return cached;
    const made = make(name);
    known.set(name, made);
    made.catch(() => known.delete(name));
    return made;
  };

  return {
    ensure,
    async find(name) {
      const cached = known.get(name);
      if (cached !== undefined) return cached;
      return (await readKeyFile(folder, fileOf(name))) === undefined ? undefined : ensure(name);
    },
  };
}

function shortDigest(bytes: Buffer): string {
  return createHash('sha256').update('countersign/key-id/v1\0').update(bytes).digest('hex').slice(0, 8);
}
