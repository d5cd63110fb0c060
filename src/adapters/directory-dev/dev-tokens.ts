import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Clock } from '../../ports/clock.port.ts';
import type { TokenMint, TokenVerifier } from '../../ports/token-service.port.ts';
import { openPrivateFile } from './private-file.ts';

/** How long a development token lives, in seconds. Longer ones are refused even with a good signature. */
export const devTokenSeconds = 12 * 60 * 60;

const issuer = 'urn:countersign:dev';
const audience = 'urn:countersign:api';
const algorithm = 'EdDSA';
const tokenType = 'at+jwt';

const keySchema = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });

/** Signs and checks development tokens (RFC 9068 form) with a key file in the data folder. Fails with `key-file-unsafe`. */
export async function openDevTokens(dataFolder: string, clock: Clock): Promise<TokenMint & TokenVerifier> {
  const { d, ...publicJwk } = await openKey(join(dataFolder, 'dev-token-key.json'));
  const [privateKey, publicKey] = await Promise.all([
    importJWK({ ...publicJwk, d }, algorithm),
    importJWK(publicJwk, algorithm),
  ]);
  return {
    async mint(subject) {
      const now = Math.floor(clock.now() / 1_000);
      const token = await new SignJWT()
        .setProtectedHeader({ alg: algorithm, typ: tokenType })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setJti(randomUUID())
        .setIssuedAt(now)
        .setExpirationTime(now + devTokenSeconds)
        .sign(privateKey);
      return { token, expiresAt: new Date((now + devTokenSeconds) * 1_000).toISOString() };
    },
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: [algorithm],
          issuer,
          audience,
          typ: tokenType,
          maxTokenAge: devTokenSeconds,
          requiredClaims: ['sub', 'jti', 'iat', 'exp'],
          currentDate: new Date(clock.now()),
        });
        const { sub, jti, iat, exp } = payload;
        if (!sub || !jti || iat === undefined || exp === undefined || exp - iat > devTokenSeconds) return undefined;
        return { subject: sub, tokenId: jti };
      } catch {
        return undefined;
      }
    },
  };
}

async function openKey(file: string): Promise<z.infer<typeof keySchema>> {
  const text = await openPrivateFile(file, makeKey);
  try {
    return keySchema.parse(JSON.parse(text));
  } catch {
    // The cause is dropped: a parser's message may quote the key.
    throw new CountersignError('key-file-unsafe', {
      message: `${file} is not a key file; remove it to get a new one.`,
    });
  }
}

async function makeKey(): Promise<string> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return `${JSON.stringify(await exportJWK(privateKey))}\n`;
}
