import { endProcess, isAlive, type ProcessIdentity } from './process-identity.ts';
import { becomesReady } from './server-readiness.ts';
import { readServerRecord, removeServerRecord, type ServerRecord } from './server-record.ts';
import { serversOnFile } from './servers-on-file.ts';
import type { ServerPlan, StartTemporal } from './start-temporal-server.ts';
import { CountersignError } from '../../domain/countersign-error.ts';

const answersWithinMs = 5000;
const graceMs = 10_000;

/**
 * Takes over the server that a killed process left behind, if it is the one on record, was started as we would
 * start it, and answers. Every other server on this database is ended: two on one file lose writes.
 */
export async function adoptServer(plan: ServerPlan, ports: StartTemporal['ports']): Promise<ServerRecord | undefined> {
  const record = await readServerRecord(plan.recordFile);
  const adoptable = record !== undefined && fits(record, plan, ports) && (await answers(record)) ? record : undefined;
  for (const server of await serversOnFile(plan.databaseFile)) {
    if (!isSame(server, adoptable)) await end(server);
  }
  if (adoptable === undefined) await removeServerRecord(plan.recordFile);
  return adoptable;
}

function fits(record: ServerRecord, plan: ServerPlan, ports: StartTemporal['ports']): boolean {
  return (
    record.databaseFile === plan.databaseFile &&
    record.settingsDigest === plan.settingsDigest &&
    (ports.grpc === 0 || ports.grpc === record.port) &&
    (ports.ui === 0 || ports.ui === record.uiPort)
  );
}

async function answers(record: ServerRecord): Promise<boolean> {
  const address = `127.0.0.1:${record.port}`;
  const gone = async () => !(await isAlive(record));
  return becomesReady({ address, namespace: 'default', withinMs: answersWithinMs, gone });
}

function isSame(server: ProcessIdentity, record: ServerRecord | undefined): boolean {
  return record !== undefined && server.pid === record.pid && server.startedAt === record.startedAt;
}

async function end(server: ProcessIdentity): Promise<void> {
  if (await endProcess(server, graceMs)) return;
  throw new CountersignError('unavailable', {
    message: `A Temporal server of an earlier session, process ${server.pid}, does not end. End it by hand.`,
  });
}
