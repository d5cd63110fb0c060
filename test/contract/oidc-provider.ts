import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider, { type Configuration, type JWK } from 'oidc-provider';

export const clientId = 'countersign-pages';
export const clientSecret = 'a-secret-of-the-test-with-enough-length';
export const audience = 'urn:countersign:test-api';
/** An `acr` that it publishes. */
export const knownAcr = 'urn:countersign:test-acr';
const algorithm = 'RS256';

export interface TestAccount {
  name: string;
  roles: readonly string[];
  groups: readonly string[];
}

/** A real identity provider on loopback, with people and keys that a test may change. */
export interface TestProvider {
  readonly issuer: string;
  /** Who is not in it is unknown to the provider from the next request on. */
  readonly accounts: Map<string, TestAccount>;
  /** Requests so far, by path. */
  readonly hits: Map<string, number>;
  /** While false, nobody answers. */
  answers: boolean;
  /** Replaces every key by a new one under a new id. */
  rotateKeys(): Promise<void>;
  /** A token under the current key, whatever it says. */
  sign(
    claims: Readonly<Record<string, unknown>>,
    header?: { readonly kid?: string; readonly typ?: string },
  ): Promise<string>;
  close(): Promise<void>;
}

export async function startProvider(redirectUri: string): Promise<TestProvider> {
  const accounts = new Map<string, TestAccount>();
  const hits = new Map<string, number>();
  let handle: ReturnType<Provider['callback']> | undefined;
  let isAnswering = true;
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    hits.set(path, (hits.get(path) ?? 0) + 1);
    if (!isAnswering || handle === undefined) response.writeHead(503).end();
    else void handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  let key = await newKey('first');
  const use = () => {
    handle = new Provider(issuer, configurationOf(redirectUri, accounts, [key.jwk])).callback();
  };
  use();
  let rotations = 0;
  return {
    issuer,
    accounts,
    hits,
    get answers() {
      return isAnswering;
    },
    set answers(wanted) {
      isAnswering = wanted;
    },
    async rotateKeys() {
      rotations += 1;
      key = await newKey(`rotated-${rotations}`);
      use();
    },
    sign: (claims, header = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: algorithm, kid: key.jwk.kid ?? '', typ: 'at+jwt', ...header })
        .sign(key.privateKey),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function newKey(kid: string) {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(privateKey)), kty: 'RSA', kid, alg: algorithm, use: 'sig' };
  return { privateKey, jwk };
}

function configurationOf(
  redirectUri: string,
  accounts: ReadonlyMap<string, TestAccount>,
  keys: readonly JWK[],
): Configuration {
  return {
    jwks: { keys: [...keys] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
      {
        client_id: 'billing',
        client_secret: clientSecret,
        redirect_uris: [],
        grant_types: ['client_credentials'],
        response_types: [],
      },
    ],
    cookies: { keys: ['a-key-for-the-cookies-of-the-test'] },
    pkce: { required: () => true },
    acrValues: [knownAcr],
    claims: { openid: ['sub'], profile: ['name', 'roles', 'groups'] },
    async findAccount(_context, sub) {
      const account = accounts.get(sub);
      return (
        account && {
          accountId: sub,
          claims: () => ({ sub, ...account, roles: [...account.roles], groups: [...account.groups] }),
        }
      );
    },
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
    issueRefreshToken: async () => true,
    rotateRefreshToken: true,
    extraTokenClaims: async () => ({ roles: ['initiator'] }),
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => [],
        getResourceServerInfo: async () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: algorithm } },
        }),
      },
    },
  };
}
