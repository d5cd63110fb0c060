import { canonicalJson } from '../../digest/canonical-json.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { startRunRequest } from '../../domain/policy-request.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import type { SignedTicket, Ticket } from '../../domain/ticket.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import type { Catalogue, PublishedAgent } from '../../ports/catalogue.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import { type Identity, speaksForPrincipal } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { PolicyPort } from '../../ports/policy.port.ts';
import type { RunRow, RunStore } from '../../ports/run-store.port.ts';
import type { Principal } from '../principal.ts';
import { type AdmissionRequest, readAdmission } from './admission-request.ts';
import type { RunStarter } from './run-starter.ts';

export interface AdmissionDependencies {
  readonly runs: RunStore;
  readonly blobs: BlobStore;
  readonly keys: KeyService;
  readonly catalogue: Catalogue;
  readonly policy: PolicyPort;
  readonly clock: Clock;
  readonly starter: RunStarter;
}

/** Lets a run in: policy, task, signed ticket, row, workflow. A crash after the row is mended by a repeated request or the sweep. */
export function createAdmitRun(dependencies: AdmissionDependencies) {
  const { runs, blobs, keys, catalogue, clock, starter } = dependencies;

  return async function admitRun(
    principal: Principal,
    body: unknown,
    idempotencyKey?: string,
  ): Promise<{ readonly created: boolean; readonly row: RunRow }> {
    const request = readAdmission(principal, body, idempotencyKey);
    const agent = catalogue.agent(request.body.agent, request.body.version);
    if (agent === undefined) throw new CountersignError('agent-not-found');
    await requirePermission(dependencies, principal.identity, agent);
    const { task, inputs } = request.body;
    const taskRef = await blobs.put(request.tenant, 'task', { task, ...(inputs !== undefined && { inputs }) });
    const ticket = ticketOf(request, principal.identity, agent, taskRef, isoTime(clock));
    const { tenant, runId, requestDigest } = request;
    const outcome = await runs.admit(
      { tenant, runId, requestDigest, signedTicket: await signed(keys, ticket) },
      runStarted(ticket),
    );
    if (outcome === 'conflict') throw new CountersignError('run-conflict');
    const row = await runs.find(tenant, runId);
    if (row === undefined) throw new CountersignError('internal');
    await starter.ensureStarted(row);
    return { created: outcome === 'created', row: (await runs.find(tenant, runId)) ?? row };
  };
}

async function requirePermission(
  { policy, clock }: AdmissionDependencies,
  identity: Identity,
  agent: PublishedAgent,
): Promise<void> {
  const { subject, kind, tenant, roles, groups, acr } = identity;
  const { name, version, owner } = agent.manifest;
  const { verdict } = await policy.evaluate(
    startRunRequest({
      initiator: { id: subject, kind, tenant, roles, groups, acr },
      agent: { name, version, owner },
      tenant,
      taskAuthority: taskAuthorityOf(identity),
      nowMs: clock.now(),
    }),
  );
  if (verdict.kind === 'allow') return;
  throw new CountersignError('start-denied', { fields: verdict.reasons.map(({ rule }) => ({ path: 'agent', rule })) });
}

/** Text that a service sends is data, unless the directory lets that service speak for its principal. */
function taskAuthorityOf(identity: Identity): Ticket['taskAuthority'] {
  return speaksForPrincipal(identity) ? 'principal' : 'data';
}

function ticketOf(
  request: AdmissionRequest,
  identity: Identity,
  agent: PublishedAgent,
  taskRef: string,
  issuedAt: string,
): Ticket {
  return {
    v: 1,
    tenant: request.tenant,
    runId: request.runId,
    agent: agent.manifest.name,
    agentVersion: agent.manifest.version,
    manifestDigest: agent.manifestDigest,
    taskRef,
    taskAuthority: taskAuthorityOf(identity),
    initiator: identity.subject,
    initiatorKind: identity.kind,
    issuedAt,
  };
}

async function signed(keys: KeyService, ticket: Ticket): Promise<SignedTicket> {
  return { ticket, ...(await keys.sign('ticket', canonicalJson({ ...ticket }))) };
}

function runStarted(ticket: Ticket) {
  const { agent, agentVersion, initiator, taskRef } = ticket;
  return recordOf('run-started', ticket, 'admitted', ticket.issuedAt, { agent, agentVersion, initiator, taskRef });
}
