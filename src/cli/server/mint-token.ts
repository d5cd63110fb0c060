import { openOwnerSecret } from '../../adapters/directory-dev/owner-secret.ts';
import { errorOf, unreached } from '../../client/api-error.ts';
import { type DevToken, devTokenSchema } from '../../contracts/http/dev-token.schema.ts';
import { CountersignError } from '../../domain/countersign-error.ts';

/** A token of a development identity, for who can read the data folder of a server that runs here. */
export async function mintToken(
  server: { readonly url: string; readonly dataFolder: string },
  identity: string,
): Promise<DevToken> {
  const response = await fetch(`${server.url}/v1/dev/tokens`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'countersign-owner-secret': await openOwnerSecret(server.dataFolder),
    },
    body: JSON.stringify({ as: identity }),
    redirect: 'error',
  }).catch((cause: unknown) => {
    throw unreached(server.url, cause);
  });
  const error = response.ok ? undefined : await errorOf(response);
  if (error?.code === 'not-found')
    throw new CountersignError('unauthenticated', {
      message:
        'People and services of this server come from its identity provider: put a token of it into COUNTERSIGN_TOKEN.',
    });
  if (error !== undefined) throw error;
  return devTokenSchema.parse(await response.json());
}
