import { join } from 'node:path';
import type { AgentsDeps, EffectsDeps } from '../../../activities/activity-deps.ts';
import type { AdmittedRuns } from '../../../activities/admitted-run.ts';
import type { Attempt } from '../../../activities/attempt.ts';
import { createDecide, type DecisionBasis } from '../../../activities/decide-action.ts';
import { envelopeOf, storeEnvelope } from '../../../activities/envelope-of.ts';
import { createOpenApproval } from '../../../activities/open-approval.activity.ts';
import { createPerformAction } from '../../../activities/perform-action.activity.ts';
import { createSettleApproval } from '../../../activities/settle-approval.activity.ts';
import { createAjvChecker } from '../../../src/adapters/argument-checker-ajv/create-ajv-checker.ts';
import { createFolderBlobs } from '../../../src/adapters/blobs-folder/create-folder-blobs.ts';
import { createDevDirectory } from '../../../src/adapters/directory-dev/dev-directory.ts';
import { createWebauthnVerifier } from '../../../src/adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { createDelegationService } from '../../../src/api/delegations/create-delegation-service.ts';
import { createLentRights } from '../../../src/api/delegations/lent-rights.ts';
import type { Principal } from '../../../src/api/principal.ts';
import { createGiveVerdict } from '../../../src/api/verdicts/give-verdict.ts';
import { createWithdrawVerdict } from '../../../src/api/verdicts/withdraw-verdict.ts';
import { agentSchema } from '../../../src/contracts/agent.schema.ts';
import { toolManifestSchema } from '../../../src/contracts/tool-server.schema.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import type { ApprovalRequirement } from '../../../src/domain/decision.ts';
import { callIdOf } from '../../../src/domain/ids.ts';
import type { CatalogueTool, PublishedAgent } from '../../../src/ports/catalogue.port.ts';
import type { PolicyPort } from '../../../src/ports/policy.port.ts';
import { noReauthentication } from '../../../src/ports/reauthentication-verifier.port.ts';
import { type ActionSlot, settle } from '../../../workflows/run-state.ts';
import { type ManualClock, manualClock } from '../api/manual-clock.ts';
import { admit, at, digest, type OpenedStorage, ticketOf } from '../storage/storage-fixture.ts';

export const people = ['approver', 'approver2', 'initiator', 'lead'] as const;
export type Person = (typeof people)[number] | 'auditor';

/** Amounts above this need two people; `denied` is what policy never allows. */
export const limit = 10;
export const denied = 99;

/** One action and all that moves it, over the real store, the real activities and the real edge for verdicts; the workflow is a slot. */
export interface ApprovalWorld {
  readonly runId: string;
  readonly clock: ManualClock;
  /** What was sent to the tool, by amount. */
  readonly sent: readonly unknown[];
  slot: ActionSlot;
  readonly first: ActionSlot;
  /** The next thing that the workflow would do with its slot. */
  readonly step: () => Promise<void>;
  /** Code of the refusal, or `stored`. */
  readonly answer: (
    who: Person,
    approvalId: string,
    verdict: 'approve' | 'reject' | 'edit',
    amount: number,
  ) => Promise<string>;
  /** Code of the refusal, or `withdrawn`. */
  readonly takeBack: (who: Person, approvalId: string) => Promise<string>;
  /** Every role of somebody that may be lent, for some seconds: id of the delegation, or code of the refusal. */
  readonly lend: (from: Person, to: Person, seconds: number) => Promise<string>;
  readonly endLent: (from: Person, delegationId: string) => Promise<void>;
}

const manifest = agentSchema.parse({
  apiVersion: 'countersign/v1',
  kind: 'Agent',
  name: 'invoice-desk',
  version: 1,
  owner: 'ap-team',
  prompt: 'prompt.md',
  model: { alias: 'default' },
  tools: ['desk.pay'],
  limits: { steps: 9, toolCalls: 9, tokens: 9_000, costUsd: 1, wallTime: '8h' },
  data: { clearance: 'confidential', regions: ['eu'] },
});
const agent: PublishedAgent = { manifest, prompt: '', promptDigest: '', manifestDigest: digest('1') };
const inputSchema = { type: 'object', properties: { amount: { type: 'integer' } }, required: ['amount'] };
const tool: CatalogueTool = {
  name: 'desk.pay',
  server: 'desk',
  manifest: toolManifestSchema.parse({ schema: digest('0'), effect: 'irreversible', retry: 'keyed' }),
  announced: { name: 'pay', description: '', inputSchema },
};
const mandate = {
  tools: [{ name: 'desk.pay', maxCalls: 3 }],
  budget: { steps: 9, toolCalls: 9, tokens: 9_000, costMicroUsd: 0 },
  expiresAt: '2999-01-01T00:00:00.000Z',
  rationale: '',
};
const attempt: Attempt = {
  number: 1,
  signal: new AbortController().signal,
  nothingSentBefore: true,
  reportNothingSent: () => undefined,
};

const ask: ApprovalRequirement = { quorum: 1, roles: ['approver'], ttlSeconds: 100, stepUp: false };

/** Small amounts need nobody, larger ones people, and `denied` is never allowed. */
const policyAsking = (ask: ApprovalRequirement): PolicyPort => ({
  policyDigest: digest('7'),
  async evaluate({ context }) {
    const { args, approval } = context as object as { args: { amount: number }; approval: { granted: boolean } };
    const reasons = [{ rule: 'amount', message: 'By amount.' }];
    const allow = { kind: 'allow', reasons, obligations: [] } as const;
    const verdict =
      args.amount === denied
        ? ({ kind: 'deny', reasons, errors: [] } as const)
        : args.amount <= limit || approval.granted
          ? allow
          : ({ kind: 'ask', reasons, requirement: ask } as const);
    return { verdict, policyDigest: digest('7'), durationMs: 0 };
  },
});

function codeOfRefusal(error: unknown): string {
  if (error instanceof CountersignError) return error.code;
  throw error;
}

let runs = 0;

export async function approvalWorld(
  storage: OpenedStorage,
  asked: Partial<ApprovalRequirement> = {},
): Promise<ApprovalWorld> {
  runs += 1;
  const runId = `world-${runs}`;
  await admit(storage, runId);
  const run = { tenant: 'default', runId };
  const clock = manualClock(Date.parse(at));
  const blobs = createFolderBlobs({ folder: join(storage.folder, 'blobs'), keys: storage.keys, durability: 'process' });
  const sent: unknown[] = [];
  const directory = createDevDirectory('default');
  const catalogue = {
    tool: () => tool,
    agents: () => [agent],
    agent: () => agent,
    pinned: () => agent,
    servers: () => [],
  };
  const argumentChecker = createAjvChecker();
  const deps: AgentsDeps & EffectsDeps = {
    ...storage,
    blobs,
    catalogue,
    policy: policyAsking({ ...ask, ...asked }),
    directory,
    argumentChecker,
    passkeyVerifier: createWebauthnVerifier(),
    reauthentication: noReauthentication,
    clock,
    tools: {
      list: async () => [],
      close: async () => undefined,
      call: async ({ args }) => {
        sent.push(args['amount']);
        return { kind: 'result', value: {} };
      },
    },
    settings: { queues: { inference: '', effects: '' }, turnsPerExecution: 1 },
    describeModel: () => ({ id: '', rehearsal: true }),
  };
  const admitted = { ticket: { ...ticketOf(runId).ticket, initiator: 'initiator' }, agent };
  const admittedRuns: AdmittedRuns = { admitted: async () => admitted, mandate: async () => mandate };
  const standings = { pinOf: async () => tool.manifest.schema, isUnchanged: async () => true };
  const decide = createDecide(deps, standings);
  const open = createOpenApproval(deps, admittedRuns);
  const settleApproval = createSettleApproval(deps, admittedRuns, decide);
  const perform = createPerformAction(deps, admittedRuns, decide);
  const give = createGiveVerdict({
    ...deps,
    lentRights: createLentRights({ ...deps, delegations: storage.delegations }),
    pump: { deliver: () => undefined },
    refusedAttempts: { verdict: async () => undefined, steering: async () => undefined },
    // development logins bring no passkey
    stepUp: {
      prove: async () => ({ kind: 'none' }),
      standing: async () => 'none',
      challenge: () => Promise.reject(new CountersignError('step-up-required')),
    },
  });

  const withdraw = createWithdrawVerdict(deps);
  const delegating = createDelegationService({ ...deps, delegations: storage.delegations });
  const principalOf = async (who: Person): Promise<Principal> => {
    const identity = await directory.find(who);
    if (identity === undefined) throw new Error(`${who} is nobody`);
    return { identity, authentication: 'token' };
  };

  const candidate = { kind: 'tool-call', tool, toolName: 'desk__pay', args: { amount: 50 } } as const;
  const standing = await storage.ledger.standing('default', runId);
  const basis: DecisionBasis = { run, admitted, mandate, standing, steps: 1, approvers: [], signal: attempt.signal };
  const decided = await decide(candidate, basis);
  if (decided.decision.kind !== 'ask') throw new Error('the first proposal is asked about');
  const envelope = envelopeOf(deps, basis, callIdOf(1, 0), candidate, decided);
  const action = await storeEnvelope(deps, run, envelope, { toolCallId: 'call_1', toolName: 'desk__pay' });
  const first: ActionSlot = { kind: 'asking', action, decision: decided.decision };

  const world: ApprovalWorld = {
    runId,
    clock,
    sent,
    slot: first,
    first,
    async step() {
      world.slot = await next(world.slot);
    },
    answer: async (who, approvalId, verdict, amount) => {
      const identity = await directory.find(who);
      const row = await storage.approvals.find('default', approvalId);
      if (identity === undefined || row === undefined) throw new Error('nobody asks nobody');
      const { actionDigest } = row;
      const value = { verdict, actionDigest, ...(verdict === 'edit' && { args: { amount } }) };
      return give({ identity, authentication: 'token' }, approvalId, { kind: 'json', value }).then(
        () => 'stored',
        codeOfRefusal,
      );
    },
    takeBack: async (who, approvalId) => {
      const identity = await directory.find(who);
      if (identity === undefined) throw new Error('nobody takes nothing back');
      return withdraw(identity, approvalId).then(() => 'withdrawn', codeOfRefusal);
    },
    lend: async (from, to, seconds) => {
      const principal = await principalOf(from);
      const roles = principal.identity.roles.filter((role) => role !== 'admin');
      const ends = new Date(clock.now() + seconds * 1_000).toISOString();
      return delegating.lend(principal, { to, roles, ends }).then(({ delegationId }) => delegationId, codeOfRefusal);
    },
    endLent: async (from, delegationId) => {
      await delegating.endDelegation(await principalOf(from), delegationId);
    },
  };
  return world;

  async function next(slot: ActionSlot): Promise<ActionSlot> {
    switch (slot.kind) {
      case 'asking': {
        const { approvalId, expiresAt } = await open({ run, action: slot.action, decision: slot.decision });
        return { kind: 'waiting', action: slot.action, approvalId, expiresAt };
      }
      case 'waiting': {
        const { approvalId } = slot;
        const outcome = await settleApproval({ run, action: slot.action, approvalId, claimed: [] }, attempt);
        if (outcome.kind === 'pending') return slot;
        if (outcome.kind === 'approved') return { kind: 'approved', action: slot.action, approvalId };
        if (outcome.kind === 'refused') return settle(slot.action, outcome);
        const { action, expiresAt } = outcome;
        return { kind: 'waiting', action, approvalId: outcome.approvalId, expiresAt };
      }
      case 'approved': {
        const outcome = await perform({ run, action: slot.action, approvalId: slot.approvalId }, attempt);
        return settle(slot.action, outcome);
      }
      case 'allowed':
      case 'settled':
        return slot;
      default:
        return slot satisfies never;
    }
  }
}
