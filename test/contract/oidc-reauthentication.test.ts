import { type CryptoKey, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOidcReauthenticationVerifier } from '../../src/adapters/directory-oidc/create-oidc-reauthentication-verifier.ts';
import { connectProvider } from '../../src/adapters/directory-oidc/provider-connection.ts';
import { systemClock } from '../../src/ports/clock.port.ts';
import type { ReauthenticationVerifier } from '../../src/ports/reauthentication-verifier.port.ts';
import { clientId, startProvider, type TestProvider } from './oidc-provider.ts';

let provider: TestProvider;
let verifier: ReauthenticationVerifier;
beforeAll(async () => {
  provider = await startProvider('http://localhost:1/login/callback');
  verifier = verifierFor({});
});
afterAll(() => provider?.close());

/** Knows the issuer's address and the client's id: nothing that could make a token. */
function verifierFor(rule: { readonly acr?: string }): ReauthenticationVerifier {
  const connection = connectProvider({ issuer: provider.issuer, clientId, clientSecret: undefined }, systemClock);
  return createOidcReauthenticationVerifier({ clientId }, rule, connection);
}

// Hours ago: what expired since holds all the same.
const askedAt = Math.floor(Date.now() / 1_000) - 6 * 3_600;
const expected = () => ({
  approver: `${provider.issuer}#ada`,
  nonce: 'the-challenge',
  at: new Date(askedAt * 1_000).toISOString(),
});
const honest = () => ({
  iss: provider.issuer,
  aud: clientId,
  sub: 'ada',
  nonce: 'the-challenge',
  auth_time: askedAt + 5,
  iat: askedAt + 6,
  exp: askedAt + 3_606,
});
const typ = { typ: 'JWT' };

test('a token of the issuer for this client, person and challenge holds, also after it has expired', async () => {
  expect(await verifier.verify(await provider.sign(honest(), typ), expected())).toBe(true);
  const several = { ...honest(), aud: [clientId, 'another'], azp: clientId };
  expect(await verifier.verify(await provider.sign(several, typ), expected())).toBe(true);
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['for another challenge', { nonce: 'another-challenge' }],
  ['without a nonce', { nonce: undefined }],
  ['for another client', { aud: 'another-client' }],
  ['for several clients, issued to another one', { aud: [clientId, 'another'], azp: 'another' }],
  ['for several clients, issued to nobody knows which', { aud: [clientId, 'another'] }],
  ['issued to another client', { azp: 'another' }],
  ['of another issuer', { iss: 'https://id.example.test' }],
  ['of another person', { sub: 'bea' }],
  ['that does not say when the person signed in', { auth_time: undefined }],
  ['that says it in words', { auth_time: new Date(askedAt * 1_000).toISOString() }],
  ['of a sign-in before it was asked for', { auth_time: askedAt - 31 }],
  ['of a sign-in that took too long', { auth_time: askedAt + 631 }],
  ['issued before it was asked for', { iat: askedAt - 31 }],
  ['issued long after', { iat: askedAt + 631, exp: askedAt + 4_000 }],
  ['that had expired when it was issued', { exp: askedAt }],
  ['without an end', { exp: undefined }],
])('a token %s does not hold', async (_what, change) => {
  expect(await verifier.verify(await provider.sign({ ...honest(), ...change }, typ), expected())).toBe(false);
});

test('a clock that differs by half a minute is borne', async () => {
  for (const auth_time of [askedAt - 30, askedAt + 630])
    expect(await verifier.verify(await provider.sign({ ...honest(), auth_time }, typ), expected())).toBe(true);
});

describe('where an acr is asked for', () => {
  test('only a token that has exactly it holds', async () => {
    const strict = verifierFor({ acr: 'phr' });
    const holds = async (acr: unknown) =>
      strict.verify(await provider.sign({ ...honest(), ...(acr !== undefined && { acr }) }, typ), expected());
    expect(await holds('phr')).toBe(true);
    for (const acr of [undefined, 'phrh', '', ['phr'], 'PHR']) expect(await holds(acr)).toBe(false);
  });
});

describe('a signature', () => {
  const signed = async (header: { readonly alg: string; readonly kid?: string }, key: CryptoKey | Uint8Array) =>
    new SignJWT({ ...honest() }).setProtectedHeader(header).sign(key);

  test('by another key, by a shared secret, or by nobody does not hold', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const secret = new TextEncoder().encode('x'.repeat(64));
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const token of [
      await signed({ alg: 'RS256', kid: 'first' }, privateKey),
      await signed({ alg: 'HS256', kid: 'first' }, secret),
      `${part({ alg: 'none' })}.${part(honest())}.`,
      `${part({ alg: 'none' })}.${part(honest())}`,
      'no token',
      '',
    ])
      expect(await verifier.verify(token, expected())).toBe(false);
  });

  test('of any token that was changed in any of its parts does not hold', async () => {
    const token = await provider.sign(honest(), typ);
    for (let at = 0; at < token.length; at += 37) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(await verifier.verify(changed, expected())).toBe(false);
    }
  });

  test('does not hold any more when its key is gone, and is not judged while nobody tells the keys', async () => {
    const token = await provider.sign(honest(), typ);
    provider.answers = false;
    await expect(verifierFor({}).verify(token, expected())).rejects.toMatchObject({
      code: 'identity-provider-unavailable',
    });
    provider.answers = true;
    expect(await verifierFor({}).verify(token, expected())).toBe(true);
    await provider.rotateKeys();
    expect(await verifierFor({}).verify(token, expected())).toBe(false);
  });
});
