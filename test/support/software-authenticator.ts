import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';
import type { PasskeyAssertion } from '../../src/domain/passkey.ts';
import type { Enrolment } from '../../src/ports/passkey-verifier.port.ts';

/** What an honest authenticator and browser would not let anybody change. */
export interface Ceremony {
  readonly rpId: string;
  readonly origin: string;
  readonly type: string;
  readonly crossOrigin: boolean;
  readonly userPresent: boolean;
  readonly userVerified: boolean;
  readonly counter: number;
}

/** An authenticator with one ES256 credential that signs whatever a test tells it to, as the WebAuthn format has it. */
export interface SoftwareAuthenticator {
  readonly credentialId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  enrol(challenge: string, changes?: Partial<Ceremony>): Enrolment;
  assert(challenge: string, changes?: Partial<Ceremony>): PasskeyAssertion;
}

const honest: Omit<Ceremony, 'type'> = {
  rpId: 'localhost',
  origin: 'http://localhost',
  crossOrigin: false,
  userPresent: true,
  userVerified: true,
  counter: 0,
};

export function createSoftwareAuthenticator(
  credentialId = randomBytes(32).toString('base64url'),
): SoftwareAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const cose = isoCBOR.encode(
    new Map<number, number | Uint8Array>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Uint8Array.from(Buffer.from(x, 'base64url'))],
      [-3, Uint8Array.from(Buffer.from(y, 'base64url'))],
    ]),
  );
  return {
    credentialId,
    publicKey: base64url(cose),
    enrol(challenge, changes) {
      const ceremony = { ...honest, type: 'webauthn.create', ...changes };
      const id = Buffer.from(credentialId, 'base64url');
      const length = Buffer.alloc(2);
      length.writeUInt16BE(id.length);
      const authData = Buffer.concat([authenticatorData(ceremony, 0x40), Buffer.alloc(16), length, id, cose]);
      const attestation = new Map<string, string | Uint8Array | Map<string, string>>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', Uint8Array.from(authData)],
      ]);
      return {
        credentialId,
        clientDataJson: clientData(challenge, ceremony).toString('base64url'),
        attestationObject: base64url(isoCBOR.encode(attestation)),
        transports: ['internal'],
      };
    },
    assert(challenge, changes) {
      const ceremony = { ...honest, type: 'webauthn.get', ...changes };
      const authData = authenticatorData(ceremony, 0);
      const client = clientData(challenge, ceremony);
      const signature = sign('sha256', Buffer.concat([authData, sha256(client)]), privateKey);
      return {
        credentialId,
        clientDataJson: client.toString('base64url'),
        authenticatorData: base64url(authData),
        signature: base64url(signature),
      };
    },
  };
}

function authenticatorData({ rpId, userPresent, userVerified, counter }: Ceremony, flags: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags | (userPresent ? 0x01 : 0) | (userVerified ? 0x04 : 0));
  head.writeUInt32BE(counter, 1);
  return Buffer.concat([sha256(Buffer.from(rpId, 'utf8')), head]);
}

function clientData(challenge: string, { type, origin, crossOrigin }: Ceremony): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin }), 'utf8');
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
