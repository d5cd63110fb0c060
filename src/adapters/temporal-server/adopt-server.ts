import { CountersignError } from '../../domain/countersign-error.ts';
import { endProcess, isAlive, type ProcessIdentity } from './process-identity.ts';
import { readinessOf, type ServerPlan } from './server-plan.ts';
import { becomesReady } from './server-readiness.ts';
import { readServerRecord, removeServerRecord, type ServerRecord } from './server-record.ts';
import { serversOnFile } from './servers-on-file.ts';

const answersWithinMs = 3000;
const graceMs = 5000;

/**
 * Takes over the server that a killed process left behind, if it is the one on record, was started as we would
 * start it, and answers. Every other server on this database is ended: two on one file lose writes.
 */
export async function adoptServer(plan: ServerPlan): Promise<ServerRecord | undefined> {
  const record = await readServerRecord(plan.recordFile);
  const adoptable = record !== undefined && fits(record, plan) && (await answers(record)) ? record : undefined;
  for (const server of await serversOnFile(plan.databaseFile)) {
    if (!isSame(server, adoptable)) await end(server);
  }
  if (adoptable === undefined) await removeServerRecord(plan.recordFile);
  return adoptable;
}

function fits(record: ServerRecord, plan: ServerPlan): boolean {
  return (
    record.databaseFile === plan.databaseFile &&
    record.settingsDigest === plan.settingsDigest &&
    (plan.ports.grpc === 0 || plan.ports.grpc === record.port) &&
    (plan.ports.ui === 0 || plan.ports.ui === record.uiPort)
  );
}

async function answers(record: ServerRecord): Promise<boolean> {
  const gone = async () => !(await isAlive(record));
  return becomesReady({ ...readinessOf(record), withinMs: answersWithinMs, gone });
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
