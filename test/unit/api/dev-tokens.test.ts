import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { devTokenSeconds, openDevTokens } from '../../../src/adapters/directory-dev/dev-tokens.ts';
import { openOwnerSecret, ownerSecretFile } from '../../../src/adapters/directory-dev/owner-secret.ts';
import { temporaryFolder } from '../../policy/temporary-folder.ts';
import { manualClock } from './manual-clock.ts';

let folder = '';
beforeEach(async () => {
  folder = await temporaryFolder();
});

/** What a valid token says, as somebody who has the key could say it. */
async function forged(change: {
  readonly claims?: object;
  readonly header?: object;
  readonly seconds?: number;
}): Promise<string> {
  const jwk = JSON.parse(await readFile(join(folder, 'dev-token-key.json'), 'utf8'));
  const now = Math.floor(manualClock().now() / 1_000);
  return new SignJWT({
    iss: 'urn:countersign:dev',
    aud: 'urn:countersign:api',
    sub: 'approver',
    jti: 'j',
    iat: now,
    exp: now + (change.seconds ?? 60),
    ...change.claims,
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...change.header })
    .sign(await importJWK(jwk, 'EdDSA'));
}

describe('a development token', () => {
  test('names its subject, also to a server that was restarted', async () => {
    const { token, expiresAt } = await (await openDevTokens(folder, manualClock())).mint('approver');
    const clock = manualClock();
    expect(Date.parse(expiresAt) - clock.now()).toBe(devTokenSeconds * 1_000);
    expect(await (await openDevTokens(folder, clock)).verify(token)).toMatchObject({ subject: 'approver' });
  });

  test('ends after twelve hours', async () => {
    const clock = manualClock();
    const tokens = await openDevTokens(folder, clock);
    const { token } = await tokens.mint('approver');
    clock.advance(devTokenSeconds * 1_000 - 1_000);
    expect(await tokens.verify(token)).toBeDefined();
    clock.advance(1_000);
    expect(await tokens.verify(token)).toBeUndefined();
  });

  test('that is made rightly passes, so that the refusals below are about their one change', async () => {
    const tokens = await openDevTokens(folder, manualClock());
    expect(await tokens.verify(await forged({}))).toEqual({ subject: 'approver', tokenId: 'j' });
  });

  test.each([
    ['another issuer', { claims: { iss: 'urn:else' } }],
    ['another audience', { claims: { aud: 'urn:else' } }],
    ['no subject', { claims: { sub: undefined } }],
    ['no id', { claims: { jti: undefined } }],
    ['no end', { claims: { exp: undefined } }],
    ['an issue date in the future', { claims: { iat: Math.floor(manualClock().now() / 1_000) + 3_600 } }],
    ['a start in the future', { claims: { nbf: Math.floor(manualClock().now() / 1_000) + 3_600 } }],
    ['a life over twelve hours', { seconds: devTokenSeconds + 1 }],
    ['another type', { header: { typ: 'JWT' } }],
  ])('with %s is refused', async (_what, change) => {
    const tokens = await openDevTokens(folder, manualClock());
    expect(await tokens.verify(await forged(change))).toBeUndefined();
  });

  test('of another algorithm or key is refused', async () => {
    const tokens = await openDevTokens(folder, manualClock());
    const { token } = await tokens.mint('approver');
    const [, payload = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const stranger = await generateKeyPair('EdDSA');
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(stranger.publicKey)));
    const forgeries = [
      new UnsecuredJWT(claims).encode(),
      await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' }).sign(stranger.privateKey),
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' }).sign(secret),
      // not the last byte: of 256 tokens one ends as the forgery would
      `${token.slice(0, -20)}${token.at(-20) === 'A' ? 'B' : 'A'}${token.slice(-19)}`,
      'not.a.token',
      '',
    ];
    for (const forgery of forgeries) expect(await tokens.verify(forgery)).toBeUndefined();
  });
});

describe('a secret of the data folder', () => {
  test('is made once, for its owner alone, and found again', async () => {
    const [first, second] = await Promise.all([openOwnerSecret(folder), openOwnerSecret(folder)]);
    expect(first).toBe(second);
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await stat(join(folder, ownerSecretFile))).mode & 0o777).toBe(0o600);
  });

  test('is not used when others can read it', async () => {
    await openOwnerSecret(folder);
    await chmod(join(folder, ownerSecretFile), 0o644);
    await expect(openOwnerSecret(folder)).rejects.toMatchObject({ code: 'key-file-unsafe' });
  });

  test('that cannot be read says which file, and nothing of its content', async () => {
    await writeFile(join(folder, 'dev-token-key.json'), '{"d":"secret-text"', { mode: 0o600 });
    const error: unknown = await openDevTokens(folder, manualClock()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'key-file-unsafe' });
    expect(String(error)).not.toContain('secret-text');
  });
});
