import type { RunKey } from '../src/contracts/run-activities.ts';
import { canonicalJson } from '../src/digest/canonical-json.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { Mandate } from '../src/domain/mandate.ts';
import type { SignedTicket, Ticket } from '../src/domain/ticket.ts';
import type { PublishedAgent } from '../src/ports/catalogue.port.ts';
import type { KeyService } from '../src/ports/key-service.port.ts';
import type { DecisionDeps } from './activity-deps.ts';
import { createRecentlyUsed, type RecentlyUsed } from './recently-used.ts';

/** What a valid ticket admits: who, what, with which version of the agent. */
export interface AdmittedRun {
  readonly ticket: Ticket;
  readonly agent: PublishedAgent;
}

/** Reads tickets and mandates, verifies them once, and remembers them: both are written once and never change. */
export interface AdmittedRuns {
  /** Fails with `ticket-invalid`, or `agent-not-found` when that version is gone from the catalogue. */
  admitted(run: RunKey): Promise<AdmittedRun>;
  /** Fails with `mandate-corrupt` when there is none or its seal does not verify. */
  mandate(run: RunKey): Promise<Mandate>;
}

const rememberedRuns = 1_000;

export function createAdmittedRuns({ runs, mandates, keys, catalogue }: DecisionDeps): AdmittedRuns {
  const tickets: RecentlyUsed<string, AdmittedRun> = createRecentlyUsed(rememberedRuns);
  const sealed: RecentlyUsed<string, Mandate> = createRecentlyUsed(rememberedRuns);

  return {
    admitted: (run) =>
      tickets.getOrLoad(nameOf(run), async () => {
        const row = await runs.find(run.tenant, run.runId);
        if (row === undefined || !(await isGenuine(keys, run, row.signedTicket)))
          throw new CountersignError('ticket-invalid');
        const { ticket } = row.signedTicket;
        const agent = catalogue.pinned(ticket.manifestDigest);
        if (agent === undefined) throw new CountersignError('agent-not-found');
        return { ticket, agent };
      }),
    mandate: (run) =>
      sealed.getOrLoad(nameOf(run), async () => {
        const record = await mandates.find(run.tenant, run.runId);
        if (record === undefined || record.tenant !== run.tenant || record.runId !== run.runId)
          throw new CountersignError('mandate-corrupt');
        if (!(await keys.verify('mandate', sealText(run, record.mandate), record.seal)))
          throw new CountersignError('mandate-corrupt');
        return record.mandate;
      }),
  };
}

/** What the seal of a mandate is over: the mandate and the run it belongs to. */
export function sealText(run: RunKey, mandate: Mandate): string {
  return canonicalJson({ tenant: run.tenant, runId: run.runId, mandate: mandate as object as JsonObject });
}

async function isGenuine(keys: KeyService, run: RunKey, signed: SignedTicket): Promise<boolean> {
  const { ticket } = signed;
  if (ticket.tenant !== run.tenant || ticket.runId !== run.runId) return false;
  return keys.verify('ticket', canonicalJson(ticket as object as JsonObject), signed);
}

const nameOf = (run: RunKey) => `${run.tenant}/${run.runId}`;
