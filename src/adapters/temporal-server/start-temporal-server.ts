import { CountersignError } from '../../domain/countersign-error.ts';
import { adoptServer } from './adopt-server.ts';
import { endServer, launchServer } from './launch-server.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { lastWords } from './server-log.ts';
import { addressOf, planServer, type ServerPlan, type ServerPorts } from './server-plan.ts';
import type { ServerRecord } from './server-record.ts';
import type { TemporalServer } from './temporal-server.ts';
import type { Progress } from './temporal-settings.ts';

const watchMs = 1000;
const attempts = 3;

export interface StartTemporal {
  /** The Temporal CLI, as `findTemporal` found it. */
  readonly file: string;
  /** The caller holds its lock, see `openDataFolder`: two processes here at once would open one database twice. */
  readonly dataFolder: string;
  readonly ports: ServerPorts;
  /** Where the Temporal UI finds decrypted payloads; keep it the same over restarts, or the server is replaced. */
  readonly codecEndpoint?: string;
  readonly progress: Progress;
}

/**
 * A dev server on the folder's database, on loopback only. It survives a kill -9 of this process; the next start
 * adopts it, or ends exactly it. Never are there two servers on one database.
 *
 * @throws CountersignError `unavailable` if the server does not come up, with the last lines of its log
 */
export async function startTemporalServer(start: StartTemporal): Promise<TemporalServer> {
  const plan = await planServer(start.dataFolder, start.ports, start.codecEndpoint);
  const adopted = await adoptServer(plan);
  if (adopted !== undefined) {
    start.progress('The Temporal server of the last session still runs; going on with it.');
    return serverHandle(adopted, plan);
  }
  start.progress('Starting the Temporal server …');
  // A free port may be taken by the time the server binds it; a port that the caller chose stays what it is.
  const tries = plan.ports.grpc === 0 || plan.ports.ui === 0 ? attempts : 1;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const record = await launchServer(start.file, plan);
    if (record !== undefined) return serverHandle(record, plan);
  }
  throw new CountersignError('unavailable', { message: await whyNotReady(plan) });
}

function serverHandle(record: ServerRecord, plan: ServerPlan): TemporalServer {
  const watch = watchProcess(record);
  return {
    address: addressOf(record),
    namespace: 'default',
    uiUrl: `http://127.0.0.1:${record.uiPort}`,
    pid: record.pid,
    whenEnded: watch.whenEnded,
    stop: async () => {
      await endServer(record, plan);
      watch.end();
    },
  };
}

/** Looks at the process now and then: an adopted server is not a child that would report its end. */
function watchProcess(identity: ProcessIdentity): { readonly whenEnded: Promise<void>; readonly end: () => void } {
  const { promise: whenEnded, resolve } = Promise.withResolvers<void>();
  const look = async () => {
    if (!(await isAlive(identity))) end();
  };
  const timer = setInterval(() => void look(), watchMs);
  timer.unref();
  const end = () => {
    clearInterval(timer);
    resolve();
  };
  return { whenEnded, end };
}

async function whyNotReady({ ports, logFile }: ServerPlan): Promise<string> {
  const chosen = [ports.grpc, ports.ui].filter((port) => port !== 0).join(' or ');
  const hint = chosen === '' ? '' : ` Is another program on port ${chosen}?`;
  return `The Temporal server did not become ready.${hint} The end of ${logFile}:\n${await lastWords(logFile)}`;
}
