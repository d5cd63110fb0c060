import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  discovery,
  enableNonRepudiationChecks,
  None,
} from 'openid-client';
import type { Clock } from '../../ports/clock.port.ts';
import type { OidcSettings } from './oidc-settings.ts';
import { providerFailure } from './provider-failure.ts';

const timeoutSeconds = 10;
/** Endpoints and methods rarely change; keys have a shorter life of their own. */
const readAgainAfterMs = 60 * 60 * 1_000;

/** The provider as its own metadata describe it; read when first needed, so that a start does not wait for it. */
export interface ProviderConnection {
  /** Codes: `identity-provider-unavailable`, `sign-in-invalid`. */
  configuration(): Promise<Configuration>;
}

export function connectProvider(
  settings: Pick<OidcSettings, 'issuer' | 'clientId' | 'clientSecret'>,
  clock: Clock,
): ProviderConnection {
  let known: { readonly configuration: Configuration; readonly at: number } | undefined;
  let reading: Promise<Configuration> | undefined;

  async function read(): Promise<Configuration> {
    try {
      const configuration = await discover(settings);
      known = { configuration, at: clock.now() };
      return configuration;
    } catch (error) {
      if (known !== undefined) return known.configuration;
      throw providerFailure(error);
    } finally {
      reading = undefined;
    }
  }

  return {
    async configuration() {
      if (known !== undefined && clock.now() - known.at < readAgainAfterMs) return known.configuration;
      reading ??= read();
      return reading;
    },
  };
}

/** ID tokens are verified by their signature, wherever they come from. Plain http is for loopback, as the configuration saw to. */
async function discover({
  issuer,
  clientId,
  clientSecret,
}: Pick<OidcSettings, 'issuer' | 'clientId' | 'clientSecret'>): Promise<Configuration> {
  const server = new URL(issuer);
  const insecure = server.protocol === 'http:' ? [allowInsecureRequests] : [];
  const found = await discovery(server, clientId, undefined, None(), { execute: insecure, timeout: timeoutSeconds });
  const metadata = found.serverMetadata();
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const byHeader = methods.includes('client_secret_basic') ? ClientSecretBasic : ClientSecretPost;
  const authentication = clientSecret === undefined ? None() : byHeader(clientSecret);
  const configuration = new Configuration(metadata, clientId, clientSecret, authentication);
  configuration.timeout = timeoutSeconds;
  for (const prepare of [...insecure, enableNonRepudiationChecks]) prepare(configuration);
  return configuration;
}
