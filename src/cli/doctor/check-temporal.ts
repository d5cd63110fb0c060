import { connect } from 'node:net';
import { delimiter } from 'node:path';
import { cachedTemporal } from '../../adapters/temporal-server/cached-temporal.ts';
import { findExecutable } from '../../adapters/temporal-server/find-executable.ts';
import { runsStartDev } from '../../adapters/temporal-server/runs-start-dev.ts';
import { userCacheFolder } from '../../adapters/temporal-server/user-cache-folder.ts';
import type { Configuration } from '../../config/configuration.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const name = 'Temporal';
const answersWithinMs = 3_000;

/** Which way a server would be found, in the order in which it is looked for; nothing is installed here. */
export async function checkTemporal({ temporal, surroundings }: Configuration): Promise<Finding> {
  if (temporal.address !== undefined) {
    const [host = '', port = ''] = splitAddress(temporal.address);
    return (await accepts(host, Number(port)))
      ? ok(name, `${temporal.address} answers (TEMPORAL_ADDRESS)`)
      : fail(
          name,
          `${temporal.address} does not answer (TEMPORAL_ADDRESS)`,
          'Start that server, or unset TEMPORAL_ADDRESS to have one started.',
        );
  }
  const onPath = await findExecutable('temporal', surroundings.searchPath);
  if (onPath !== undefined && (await runsStartDev(onPath))) return ok(name, `${onPath} (on the PATH)`);
  const cached = await cachedTemporal(
    userCacheFolder({ xdgCacheHome: surroundings.xdgCacheHome, home: surroundings.home }),
  );
  if (cached !== undefined) return ok(name, `${cached} (fetched before)`);
  const go = await findExecutable('go', [surroundings.searchPath, '/usr/local/go/bin'].join(delimiter));
  const otherwise = go === undefined ? '' : ', or built with Go in about five minutes';
  return warn(
    name,
    `not on this machine yet; the first start downloads it${otherwise}`,
    'npm run demo, or install it: https://docs.temporal.io/cli',
  );
}

/** Whether something takes TCP connections there. */
export function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: answersWithinMs });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
}

function splitAddress(address: string): readonly string[] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon).replace(/^\[|\]$/g, ''), address.slice(colon + 1)];
}
