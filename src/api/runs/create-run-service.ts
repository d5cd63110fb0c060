import type { RunViewPage } from '../../contracts/http/run.schema.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { RunEngine } from '../../ports/run-engine.port.ts';
import type { RunRow } from '../../ports/run-store.port.ts';
import type { Principal } from '../principal.ts';
import type { RunService } from '../services.ts';
import { createSteerRun, type SteeringDependencies } from '../steering/steer-run.ts';
import { genuineMessages, messageView } from '../steering/steering-view.ts';
import { createTimeline, type TimelineDependencies } from '../timeline/create-timeline.ts';
import { type AdmissionDependencies, createAdmitRun } from './admit-run.ts';
import type { MendRun } from './mend-run.ts';
import { runSummary, runView, type TemporalPages } from './run-view.ts';

const defaultPageSize = 50;
const runForm = /^[A-Za-z0-9._-]{1,64}$/;

export interface RunServiceDependencies extends AdmissionDependencies, SteeringDependencies, TimelineDependencies {
  readonly engine: RunEngine;
  readonly mend: Pick<MendRun, 'mend'>;
  readonly temporal: TemporalPages;
}

export function createRunService(dependencies: RunServiceDependencies): RunService {
  const { runs, blobs, catalogue, engine, mend, temporal } = dependencies;
  const admit = createAdmitRun(dependencies);
  const steer = createSteerRun(dependencies);
  const timeline = createTimeline(dependencies);

  async function rowOf({ identity }: Principal, runId: string): Promise<RunRow> {
    const row = runForm.test(runId) ? await runs.find(identity.tenant, runId) : undefined;
    if (row === undefined) throw new CountersignError('run-not-found');
    return row;
  }

  /** Who asked for the run, who owns its agent, and administrators. */
  function mayCancel(identity: Identity, row: RunRow): boolean {
    const owner = catalogue.agent(row.agent, row.agentVersion)?.manifest.owner;
    const owns = owner !== undefined && identity.groups.includes(owner);
    return identity.subject === row.initiator || owns || identity.roles.includes('admin');
  }

  return {
    async admitRun(principal, body, idempotencyKey) {
      const { created, row } = await admit(principal, body, idempotencyKey);
      return { created, run: await runView(row, temporal, blobs) };
    },
    findRun: async (principal, runId) => runView(await rowOf(principal, runId), temporal, blobs),
    async listRuns({ identity }, { limit, cursor }): Promise<RunViewPage> {
      const page = await runs.list(identity.tenant, {
        limit: limit ?? defaultPageSize,
        ...(cursor !== undefined && { cursor }),
      });
      return {
        items: page.items.map((row) => runSummary(row, temporal)),
        ...(page.next !== undefined && { next: page.next }),
      };
    },
    async cancelRun(principal, runId) {
      const row = await rowOf(principal, runId);
      if (!mayCancel(principal.identity, row)) throw new CountersignError('forbidden');
      if (row.closed) throw new CountersignError('run-closed');
      if ((await mend.mend(row)) === 'closed') throw new CountersignError('run-closed');
      const outcome = await engine.cancel(row.tenant, row.runId);
      switch (outcome) {
        case 'requested':
          return runView(await rowOf(principal, runId), temporal, blobs);
        case 'gone':
          throw new CountersignError('run-closed');
        default:
          return assertNever(outcome);
      }
    },
    async steerRun(principal, runId, body, idempotencyKey) {
      return steer(principal, await rowOf(principal, runId), body, idempotencyKey);
    },
    async runSteering(principal, runId) {
      const row = await rowOf(principal, runId);
      const stored = await dependencies.steering.ofRun(row.tenant, row.runId, 0);
      const genuine = await genuineMessages(dependencies, row, stored);
      return { items: await Promise.all(genuine.map((message) => messageView(blobs, row, message))) };
    },
    async runTimeline(principal, runId, afterPosition, kinds) {
      const row = await rowOf(principal, runId);
      return timeline.after(row.tenant, row.runId, afterPosition, kinds);
    },
    async *followTimeline(principal, runId, afterPosition, signal) {
      const row = await rowOf(principal, runId);
      yield* timeline.follow(row.tenant, row.runId, afterPosition, signal);
    },
  };
}
