import {
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { COSEALG } from '@simplewebauthn/server/helpers';
import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import type { PasskeyVerifier } from '../../ports/passkey-verifier.port.ts';

/** What every browser's authenticators can do. */
const algorithms: number[] = [COSEALG.ES256, COSEALG.EdDSA, COSEALG.RS256];
/** Milliseconds that a person has at the authenticator. */
const timeout = 120_000;

/** WebAuthn Level 3: attestation none, user verification required, a discoverable credential where that is possible. */
export function createWebauthnVerifier(): PasskeyVerifier {
  return {
    async creationOptions({ rpId }, { handle, name, displayName, known }) {
      const options = await generateRegistrationOptions({
        rpName: 'Countersign',
        rpID: rpId,
        userID: Uint8Array.from(handle),
        userName: name,
        userDisplayName: displayName,
        timeout,
        attestationType: 'none',
        supportedAlgorithmIDs: algorithms,
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        excludeCredentials: known.map(({ credentialId, transports }) => ({
          id: credentialId,
          transports: [...transports],
        })),
      });
      return { challenge: options.challenge, options: JSON.parse(JSON.stringify(options)) as JsonObject };
    },

    async verifyEnrolment({ credentialId, clientDataJson, attestationObject }, challenge, { rpId, origin }) {
      if (madeInFrame(clientDataJson)) return undefined;
      const verified = await orUndefined(
        verifyRegistrationResponse({
          response: {
            id: credentialId,
            rawId: credentialId,
            type: 'public-key',
            response: { clientDataJSON: clientDataJson, attestationObject },
            clientExtensionResults: {},
          },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
          supportedAlgorithmIDs: algorithms,
        }),
      );
      const credential = verified?.registrationInfo?.credential;
      if (credential === undefined || credential.id !== credentialId) return undefined;
      const publicKey = Buffer.from(credential.publicKey).toString('base64url');
      return { credentialId, publicKey, counter: credential.counter };
    },

    async verifyAssertion(assertion, challenge, credential, { rpId, origin }) {
      const expectedOrigin = origin ?? originWithin(rpId, assertion.clientDataJson);
      if (expectedOrigin === undefined || assertion.credentialId !== credential.credentialId) return undefined;
      if (madeInFrame(assertion.clientDataJson)) return undefined;
      const answer = await orUndefined(
        verifyAuthenticationResponse({
          response: {
            id: assertion.credentialId,
            rawId: assertion.credentialId,
            type: 'public-key',
            response: {
              clientDataJSON: assertion.clientDataJson,
              authenticatorData: assertion.authenticatorData,
              signature: assertion.signature,
            },
            clientExtensionResults: {},
          },
          expectedChallenge: challenge,
          expectedOrigin,
          expectedRPID: rpId,
          requireUserVerification: true,
          credential: {
            id: credential.credentialId,
            publicKey: Uint8Array.from(Buffer.from(credential.publicKey, 'base64url')),
            counter: credential.counter,
          },
        }),
      );
      if (answer?.verified !== true || !answer.authenticationInfo.userVerified) return undefined;
      return { counter: answer.authenticationInfo.newCounter };
    },
  };
}

/** The library throws for whatever does not hold, with a text that may quote what was sent. */
async function orUndefined<Result>(verification: Promise<Result>): Promise<Result | undefined> {
  return verification.catch(() => undefined);
}

const clientDataSchema = z.object({ origin: z.url(), crossOrigin: z.boolean().optional() });

/** What the browser wrote about the page; the authenticator signs its bytes. Undefined where it cannot be read. */
function clientDataOf(base64url: string): z.infer<typeof clientDataSchema> | undefined {
  try {
    return clientDataSchema.parse(JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}

/** No page of ours is shown in a frame of another site. */
function madeInFrame(clientDataJson: string): boolean {
  return clientDataOf(clientDataJson)?.crossOrigin === true;
}

/** The page's origin, if its host is the relying party's or below it. */
function originWithin(rpId: string, clientDataJson: string): string | undefined {
  const origin = clientDataOf(clientDataJson)?.origin;
  if (origin === undefined) return undefined;
  const { hostname } = new URL(origin);
  return hostname === rpId || hostname.endsWith(`.${rpId}`) ? origin : undefined;
}
