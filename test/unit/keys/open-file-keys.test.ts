import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFileKeys } from '../../../src/adapters/keys-file/open-file-keys.ts';

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
  folder = join(parent, 'keys');
});

afterEach(() => rm(parent, { recursive: true, force: true }));

describe('the key folder', () => {
  test('folder and files are for their owner alone', async () => {
    const keys = await openFileKeys(folder);
    await keys.sign('ticket', 'x');
    await keys.seal('default', 'c', new Uint8Array());
    await keys.mac('default', 'content', new Uint8Array());
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const files = await readdir(folder);
    expect(files.sort()).toEqual(['data-default-1.json', 'mac-default-1.json', 'ticket-1.json']);
    for (const file of files) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  });

  test('a key file that others may read is refused by name', async () => {
    await (await openFileKeys(folder)).sign('ticket', 'x');
    await chmod(join(folder, 'ticket-1.json'), 0o640);
    const keys = await openFileKeys(folder);
    await expect(keys.sign('ticket', 'x')).rejects.toMatchObject({
      code: 'key-file-unsafe',
      message: expect.stringContaining(`chmod 600 ${join(folder, 'ticket-1.json')}`),
    });
  });

  test('a folder that others may write is refused', async () => {
    await mkdir(folder);
    await chmod(folder, 0o777);
    await expect(openFileKeys(folder)).rejects.toMatchObject({ code: 'key-file-unsafe' });
  });

  test('a key file that is a link, half written or of another form is refused without its content', async () => {
    const keys = await openFileKeys(folder);
    await writeFile(join(parent, 'elsewhere'), '{}', { mode: 0o600 });
    await symlink(join(parent, 'elsewhere'), join(folder, 'ticket-1.json'));
    await writeFile(join(folder, 'verdict-1.json'), '{"v":1,"keyId":"verdict-1-00000000","secret":"c2VjcmV0', {
      mode: 0o600,
    });
    await writeFile(join(folder, 'mandate-1.json'), '{"v":2,"secret":"c2VjcmV0"}', { mode: 0o600 });
    for (const purpose of ['ticket', 'verdict', 'mandate'] as const) {
      const refusal = await keys.sign(purpose, 'x').catch((error: unknown) => error);
      expect(refusal).toMatchObject({ code: 'key-file-unsafe' });
      expect(String(refusal)).not.toContain('c2VjcmV0');
    }
  });

  test('creators that race end with one key', async () => {
    const openings = await Promise.all(Array.from({ length: 8 }, () => openFileKeys(folder)));
    const signatures = await Promise.all(openings.map((keys) => keys.sign('verdict', 'text')));
    expect(new Set(signatures.map((signature) => signature.keyId)).size).toBe(1);
    for (const keys of openings) {
      for (const signature of signatures) expect(await keys.verify('verdict', 'text', signature)).toBe(true);
    }
    expect(await readdir(folder)).toEqual(['verdict-1.json']);
  });

  test('a stray file of a creator that died changes nothing', async () => {
    await mkdir(folder, { mode: 0o700 });
    await writeFile(join(folder, 'ticket-1.json.dead.new'), '{"v":1,', { mode: 0o600 });
    const keys = await openFileKeys(folder);
    expect(await keys.verify('ticket', 'x', await keys.sign('ticket', 'x'))).toBe(true);
  });

  test('keys outlive the process', async () => {
    const first = await openFileKeys(folder);
    const signature = await first.sign('mandate', 'text');
    const sealed = await first.seal('default', 'context', Buffer.from('secret'));
    const mac = await first.mac('default', 'subject', Buffer.from('anna'));
    const second = await openFileKeys(folder);
    expect(await second.verify('mandate', 'text', signature)).toBe(true);
    expect(Buffer.from((await second.open('default', 'context', sealed)) ?? []).toString()).toBe('secret');
    expect(await second.mac('default', 'subject', Buffer.from('anna'))).toBe(mac);
  });

  test.each(['', '../x', 'a/b', 'UPPER', 'x'.repeat(33)])('the tenant %j names no key file', async (tenant) => {
    const keys = await openFileKeys(folder);
    await expect(keys.seal(tenant, 'c', new Uint8Array())).rejects.toThrow(RangeError);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('signatures', () => {
  test('a signature holds for its text and purpose only', async () => {
    const keys = await openFileKeys(folder);
    const signature = await keys.sign('ticket', 'text');
    await keys.sign('verdict', 'text');
    expect(signature.keyId).toMatch(/^ticket-1-[0-9a-f]{8}$/);
    expect(await keys.verify('ticket', 'text', signature)).toBe(true);
    expect(await keys.verify('ticket', 'other', signature)).toBe(false);
    expect(await keys.verify('verdict', 'text', signature)).toBe(false);
    expect(await keys.verify('verdict', 'text', { ...signature, keyId: (await keys.sign('verdict', '')).keyId })).toBe(
      false,
    );
    expect(await keys.verify('token', 'text', signature)).toBe(false);
  });

  test('no other spelling of a signature verifies, and none throws', async () => {
    const keys = await openFileKeys(folder);
    const { keyId, signature } = await keys.sign('ticket', 'text');
    const last = signature.at(-1) === 'A' ? 'B' : String.fromCharCode((signature.at(-1) ?? 'A').charCodeAt(0) + 1);
    for (const other of [
      '',
      `${signature}=`,
      `${signature}A`,
      ` ${signature}`,
      signature.slice(0, -1) + last,
      'é'.repeat(86),
    ]) {
      expect(await keys.verify('ticket', 'text', { keyId, signature: other })).toBe(false);
    }
  });

  test('any changed byte of a signature is noticed', async () => {
    const keys = await openFileKeys(folder);
    const { keyId, signature } = await keys.sign('ticket', 'text');
    await fc.assert(
      fc.asyncProperty(fc.nat(63), fc.integer({ min: 1, max: 255 }), async (position, flip) => {
        const bytes = Buffer.from(signature, 'base64url');
        bytes[position] = (bytes[position] ?? 0) ^ flip;
        expect(await keys.verify('ticket', 'text', { keyId, signature: bytes.toString('base64url') })).toBe(false);
      }),
    );
  });

  test('a verifier needs the public key alone', async () => {
    const keys = await openFileKeys(folder);
    const { keyId, signature } = await keys.sign('verdict', 'text');
    const [jwk] = await keys.publicKeys('verdict');
    expect(jwk).toMatchObject({ kid: keyId, kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' });
    expect(JSON.stringify(jwk)).not.toContain('"d"');
    const key = await crypto.subtle.importKey('jwk', { ...jwk }, 'Ed25519', false, ['verify']);
    const signed = Buffer.from('countersign/verdict/v1\0text');
    expect(await crypto.subtle.verify('Ed25519', key, Buffer.from(signature, 'base64url'), signed)).toBe(true);
  });
});

describe('seals', () => {
  test('what was sealed opens under the same tenant and context only', async () => {
    const keys = await openFileKeys(folder);
    await keys.seal('other', 'context', Buffer.from('x'));
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 500 }),
        fc.string(),
        fc.string(),
        async (plaintext, context, otherContext) => {
          const sealed = await keys.seal('default', context, plaintext);
          expect(sealed.bytes.length).toBe(plaintext.length + 28);
          expect(await keys.open('default', context, sealed)).toEqual(Buffer.from(plaintext));
          expect(await keys.open('other', context, sealed)).toBeUndefined();
          if (otherContext !== context) expect(await keys.open('default', otherContext, sealed)).toBeUndefined();
        },
      ),
    );
  });

  test('any changed, missing or added byte is noticed', async () => {
    const keys = await openFileKeys(folder);
    const { keyId, bytes } = await keys.seal('default', 'context', Buffer.from('a secret'));
    for (let position = 0; position < bytes.length; position += 1) {
      const changed = Uint8Array.from(bytes);
      changed[position] = (changed[position] ?? 0) ^ 1;
      expect(await keys.open('default', 'context', { keyId, bytes: changed })).toBeUndefined();
      expect(await keys.open('default', 'context', { keyId, bytes: bytes.subarray(0, position) })).toBeUndefined();
    }
    expect(
      await keys.open('default', 'context', { keyId, bytes: Buffer.concat([bytes, Buffer.of(0)]) }),
    ).toBeUndefined();
    expect(await keys.open('default', 'context', { keyId: 'data-default-1-00000000', bytes })).toBeUndefined();
  });

  test('opening makes no keys', async () => {
    const keys = await openFileKeys(folder);
    expect(
      await keys.open('nobody', 'c', { keyId: 'data-nobody-1-00000000', bytes: new Uint8Array(40) }),
    ).toBeUndefined();
    expect(await readdir(folder)).toEqual([]);
  });

  test('a commitment depends on tenant, purpose and content', async () => {
    const keys = await openFileKeys(folder);
    const bytes = Buffer.from('anna');
    const macs = [
      await keys.mac('default', 'subject', bytes),
      await keys.mac('default', 'content', bytes),
      await keys.mac('other', 'subject', bytes),
      await keys.mac('default', 'subject', Buffer.from('otto')),
    ];
    expect(new Set(macs).size).toBe(4);
    expect(macs[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(macs[0]).toBe(await keys.mac('default', 'subject', bytes));
  });

  test('a key file holds its key in one place only', async () => {
    const keys = await openFileKeys(folder);
    const { keyId } = await keys.seal('default', 'c', new Uint8Array());
    const stored: unknown = JSON.parse(await readFile(join(folder, 'data-default-1.json'), 'utf8'));
    expect(stored).toMatchObject({ v: 1, keyId });
  });
});
