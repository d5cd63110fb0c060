import { type CountersignClient, createClient } from '../../client/create-client.ts';
import type { Configuration } from '../../config/configuration.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { findServer, type ServerOptions } from './find-server.ts';
import { mintToken } from './mint-token.ts';

export interface Connected {
  readonly client: CountersignClient;
  /** Where the pages are, without a trailing slash. */
  readonly pages: string;
}

/** Tokens live for hours; a command that waits longer than half of that gets a new one. */
const renewAfterMs = 4 * 60 * 60 * 1_000;

/**
 * The API of the server that the options name, as the identity that they name: COUNTERSIGN_TOKEN, or a
 * development identity on this machine. The owner's secret goes to the folder's owner and nowhere else.
 */
export async function connect(
  options: ServerOptions,
  configuration: Configuration,
  usualIdentity: string,
): Promise<Connected> {
  const server = await findServer(options, configuration);
  if (configuration.token !== undefined && options.as === undefined) {
    return { pages: server.pages, client: createClient({ baseUrl: server.url, token: configuration.token.reveal() }) };
  }
  const { url, pages, dataFolder } = server;
  if (dataFolder === undefined) {
    throw new CountersignError('unauthenticated', {
      message:
        'Who are you? A server that is named by its address takes a token only, in COUNTERSIGN_TOKEN; `--as` needs its data folder.',
    });
  }
  return { pages, client: clientAs({ url, dataFolder }, options.as ?? usualIdentity) };
}

/** The API as a development identity, with a fresh token where one is about to end. */
export function clientAs(
  server: { readonly url: string; readonly dataFolder: string },
  identity: string,
): CountersignClient {
  let current: { readonly token: string; readonly at: number } | undefined;
  const token = async () => {
    if (current === undefined || Date.now() - current.at > renewAfterMs) {
      current = { token: (await mintToken(server, identity)).token, at: Date.now() };
    }
    return current.token;
  };
  return createClient({ baseUrl: server.url, token });
}
