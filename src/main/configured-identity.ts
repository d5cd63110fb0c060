import { createDevDirectory } from '../adapters/directory-dev/dev-directory.ts';
import { openDevTokens } from '../adapters/directory-dev/dev-tokens.ts';
import { openOwnerSecret } from '../adapters/directory-dev/owner-secret.ts';
import { createOidcReauthentication } from '../adapters/directory-oidc/create-oidc-reauthentication.ts';
import { createOidcReauthenticationVerifier } from '../adapters/directory-oidc/create-oidc-reauthentication-verifier.ts';
import { createOidcSignIn } from '../adapters/directory-oidc/create-oidc-sign-in.ts';
import { createOidcTokens } from '../adapters/directory-oidc/create-oidc-tokens.ts';
import { openPeopleDirectory } from '../adapters/directory-oidc/create-people-directory.ts';
import { connectProvider } from '../adapters/directory-oidc/provider-connection.ts';
import type { DevTokenDependencies } from '../api/http/dev-token-route.ts';
import type { SignInConfiguration } from '../config/configuration.ts';
import type { Clock } from '../ports/clock.port.ts';
import type { Directory } from '../ports/directory.port.ts';
import type { PersonStore } from '../ports/person-store.port.ts';
import { noReauthentication, type ReauthenticationVerifier } from '../ports/reauthentication-verifier.port.ts';
import type { ReauthenticationProvider, SignInProvider } from '../ports/sign-in.port.ts';
import type { TokenVerifier } from '../ports/token-service.port.ts';

/** Who may come in, and how they show it: development identities, or those of an identity provider, and never both. */
export type ApiIdentity =
  | { readonly kind: 'development'; readonly tokens: TokenVerifier; readonly development: DevTokenDependencies }
  | {
      readonly kind: 'provider';
      readonly tokens: TokenVerifier;
      readonly provider: SignInProvider;
      /** Undefined: a fresh sign-in is no step-up. */
      readonly reauthentication: ReauthenticationParts | undefined;
      readonly publicUrl: URL;
      readonly refreshAfterMs: number;
    };

export interface ReauthenticationParts {
  readonly provider: ReauthenticationProvider;
  readonly verifier: ReauthenticationVerifier;
}

/** Everybody whom workers and API know. */
export async function configuredDirectory(
  signIn: SignInConfiguration | undefined,
  parts: { readonly people: PersonStore; readonly clock: Clock; readonly tenant: string },
): Promise<Directory> {
  if (signIn === undefined) return createDevDirectory(parts.tenant);
  return openPeopleDirectory({ ...parts, issuer: signIn.issuer, maxAgeMs: signIn.maxAgeMs });
}

export async function configuredIdentity(
  signIn: SignInConfiguration | undefined,
  parts: { readonly directory: Directory; readonly clock: Clock; readonly dataFolder: string },
): Promise<ApiIdentity> {
  const { directory, clock, dataFolder } = parts;
  if (signIn === undefined) {
    const tokens = await openDevTokens(dataFolder, clock);
    const ownerSecret = await openOwnerSecret(dataFolder);
    return { kind: 'development', tokens, development: { ownerSecret, directory, mint: tokens } };
  }
  const { issuer, clientId, scopes, claims, bearer, refreshAfterMs } = signIn;
  const publicUrl = new URL(signIn.publicUrl);
  const settings = {
    issuer,
    clientId,
    clientSecret: signIn.clientSecret?.reveal(),
    redirectUri: new URL('/login/callback', publicUrl).href,
    scopes,
    claims,
  };
  const connection = connectProvider(settings, clock);
  const { stepUp } = signIn;
  const reauthentication = stepUp && {
    provider: createOidcReauthentication(settings, stepUp, connection),
    verifier: createOidcReauthenticationVerifier(settings, stepUp, connection),
  };
  const tokens = bearer === undefined ? noTokens : createOidcTokens({ settings, bearer, connection, directory, clock });
  const provider = createOidcSignIn(settings, connection);
  return { kind: 'provider', tokens, provider, reauthentication, publicUrl, refreshAfterMs };
}

/** What workers verify such step-ups with: a connection and keys of their own, and nothing that could make one. */
export function configuredReauthentication(
  signIn: SignInConfiguration | undefined,
  clock: Clock,
): ReauthenticationVerifier {
  if (signIn?.stepUp === undefined) return noReauthentication;
  const { issuer, clientId, stepUp } = signIn;
  const connection = connectProvider({ issuer, clientId, clientSecret: undefined }, clock);
  return createOidcReauthenticationVerifier({ clientId }, stepUp, connection);
}

const noTokens: TokenVerifier = { verify: async () => undefined };
