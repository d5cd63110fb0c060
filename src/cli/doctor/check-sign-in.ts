import { connectProvider } from '../../adapters/directory-oidc/provider-connection.ts';
import type { Configuration, SignInConfiguration } from '../../config/configuration.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { systemClock } from '../../ports/clock.port.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const name = 'Sign-in';

/** Whether the identity provider answers, and offers what a step-up asks of it. */
export async function checkSignIn({ signIn }: Pick<Configuration, 'signIn'>): Promise<Finding> {
  if (signIn === undefined) return ok(name, 'development identities, for this machine only');
  const { issuer, clientId } = signIn;
  const connection = connectProvider({ issuer, clientId, clientSecret: undefined }, systemClock);
  try {
    return offeredBy(signIn, (await connection.configuration()).serverMetadata());
  } catch (error) {
    const said = error instanceof CountersignError ? error.code : 'internal';
    return fail(name, `${issuer} does not describe itself (${said})`, 'Check COUNTERSIGN_OIDC_ISSUER.');
  }
}

/** What a provider does not publish it may still do. */
function offeredBy({ issuer, stepUp }: SignInConfiguration, published: Readonly<Record<string, unknown>>): Finding {
  if (stepUp === undefined) return ok(name, `${issuer}; step-up by passkey only`);
  const { acr } = stepUp;
  const text = `${issuer}; step-up by passkey, or by signing in again${acr === undefined ? '' : ` with acr ${acr}`}`;
  const mend = 'Compare COUNTERSIGN_OIDC_STEP_UP with what the provider offers, and try it once.';
  if (lacks(published['prompt_values_supported'], 'login'))
    return warn(name, `${text}; it does not name prompt=login`, mend);
  if (acr !== undefined && lacks(published['acr_values_supported'], acr))
    return warn(name, `${text}; it does not name that acr`, mend);
  if (lacks(published['claims_supported'], 'auth_time')) return warn(name, `${text}; it does not name auth_time`, mend);
  return ok(name, text);
}

function lacks(published: unknown, value: string): boolean {
  return Array.isArray(published) && !published.includes(value);
}
