import type {
  ApprovalQuery,
  ApprovalView,
  ApprovalViewPage,
  VerdictBody,
  VerdictReceipt,
  WithdrawnVerdictView,
} from '../contracts/http/approval.schema.ts';
import type { BatchAnswer, BatchItem } from '../contracts/http/batch.schema.ts';
import type { DelegationListView, DelegationQuery, DelegationView, Lend } from '../contracts/http/delegation.schema.ts';
import type { NotesView, NoteView } from '../contracts/http/note.schema.ts';
import type { NudgeStandingView } from '../contracts/http/nudge.schema.ts';
import type { PublicKeysView, Receipt } from '../contracts/http/receipt.schema.ts';
import type { PageQuery, RunView, RunViewPage, StartRun } from '../contracts/http/run.schema.ts';
import type {
  EndedSessionsView,
  EndSessions,
  SessionListView,
  SessionQuery,
} from '../contracts/http/session.schema.ts';
import type { SteerMessagesView, SteerMessageView } from '../contracts/http/steering.schema.ts';
import type { TimelineItem } from '../contracts/http/timeline.schema.ts';
import { type FollowOptions, followRun } from './follow-run.ts';
import { type CallOptions, type ClientOptions, createHttpCaller, readAnswer } from './http-caller.ts';

export interface StartOptions extends CallOptions {
  /** Names the run where the body has no `runId`, so that the call may be repeated. */
  readonly idempotencyKey?: string;
}

/** Countersign over HTTP. Every call fails with a `CountersignApiError` whose `code` is stable. */
export interface CountersignClient {
  readonly runs: {
    start(run: StartRun, options?: StartOptions): Promise<RunView>;
    get(runId: string, options?: CallOptions): Promise<RunView>;
    list(query?: PageQuery, options?: CallOptions): Promise<RunViewPage>;
    /** Every event once and in order until the run has ended, over lost connections too. */
    events(runId: string, options?: FollowOptions): AsyncIterable<TimelineItem>;
    cancel(runId: string, options?: CallOptions): Promise<RunView>;
    /** Says something to your own run; resolves once it is stored and signed. The same key and text again is the same message. */
    steer(
      runId: string,
      text: string,
      options?: CallOptions & { readonly idempotencyKey?: string },
    ): Promise<SteerMessageView>;
    /** What the principal has said to the run, and which turn took it up. */
    steering(runId: string, options?: CallOptions): Promise<SteerMessagesView>;
    /** Resolves when the run has ended, however it ended. */
    wait(runId: string, options?: CallOptions): Promise<RunView>;
  };
  readonly approvals: {
    list(query?: ApprovalQuery, options?: CallOptions): Promise<ApprovalViewPage>;
    get(approvalId: string, options?: CallOptions): Promise<ApprovalView>;
    /** The approval with its signed verdicts and all that is needed to check them offline. */
    receipt(approvalId: string, options?: CallOptions): Promise<Receipt>;
    /** Resolves when the verdict is stored and signed; what came of it is read from the approval. */
    decide(approvalId: string, verdict: VerdictBody, options?: CallOptions): Promise<VerdictReceipt>;
    /** Up to 20 answers, each a verdict of its own; says for each what became of it, in the same order. */
    decideMany(items: readonly BatchItem[], options?: CallOptions): Promise<BatchAnswer>;
    /** What colleagues have said about it, oldest first. */
    notes(approvalId: string, options?: CallOptions): Promise<NotesView>;
    /** Says something to colleagues; the same key and text again is the same note. */
    note(
      approvalId: string,
      text: string,
      options?: CallOptions & { readonly idempotencyKey?: string },
    ): Promise<NoteView>;
    /** Takes your own answer back, until its effect begins. */
    withdraw(approvalId: string, options?: CallOptions): Promise<WithdrawnVerdictView>;
  };
  /** Letting somebody else answer approvals for a time. */
  readonly delegations: {
    /** What you lent and what was lent to you; `all`, for administrators: the tenant's. */
    list(query?: DelegationQuery, options?: CallOptions): Promise<DelegationListView>;
    lend(wanted: Lend, options?: CallOptions): Promise<DelegationView>;
    end(delegationId: string, options?: CallOptions): Promise<DelegationView>;
  };
  /** How messages about questions stand; for administrators. */
  readonly nudges: { standing(options?: CallOptions): Promise<NudgeStandingView> };
  /** For administrators. */
  readonly sessions: {
    list(query?: SessionQuery, options?: CallOptions): Promise<SessionListView>;
    end(which: EndSessions, options?: CallOptions): Promise<EndedSessionsView>;
  };
  /** The public keys of verdicts and receipts, rotated ones included. */
  publicKeys(options?: CallOptions): Promise<PublicKeysView>;
}

export function createClient(options: ClientOptions): CountersignClient {
  const call = createHttpCaller(options);
  const read = async <Answer>(
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
    { signal }: CallOptions,
  ): Promise<Answer> => readAnswer(await call({ method: 'GET', path, query, ...(signal && { signal }) }));
  const send = async <Answer>(
    path: string,
    body: unknown,
    { signal }: CallOptions,
    headers: Record<string, string> = {},
  ): Promise<Answer> =>
    readAnswer(
      await call({ method: 'POST', path, headers, ...(body !== undefined && { body }), ...(signal && { signal }) }),
    );
  const runPath = (runId: string): string => `/v1/runs/${encodeURIComponent(runId)}`;
  const approvalPath = (approvalId: string): string => `/v1/approvals/${encodeURIComponent(approvalId)}`;

  const get = (runId: string, own: CallOptions = {}): Promise<RunView> => read(runPath(runId), {}, own);
  return {
    runs: {
      start: (run, own = {}) => send('/v1/runs', run, own, keyHeader(own)),
      get,
      list: (query = {}, own = {}) => read('/v1/runs', { ...query }, own),
      events: (runId, own = {}) => followRun(call, runId, own),
      cancel: (runId, own = {}) => send(`${runPath(runId)}/cancel`, undefined, own),
      steer: (runId, text, own = {}) => send(`${runPath(runId)}/steer`, { text }, own, keyHeader(own)),
      steering: (runId, own = {}) => read(`${runPath(runId)}/steer`, {}, own),
      async wait(runId, own = {}) {
        for await (const item of followRun(call, runId, own)) if (item.event === 'run-closed') break;
        return get(runId, own);
      },
    },
    approvals: {
      list: (query = {}, own = {}) => read('/v1/approvals', { ...query }, own),
      get: (approvalId, own = {}) => read(approvalPath(approvalId), {}, own),
      receipt: (approvalId, own = {}) => read(`${approvalPath(approvalId)}/receipt`, {}, own),
      decide: (approvalId, verdict, own = {}) => send(`${approvalPath(approvalId)}/verdicts`, verdict, own),
      decideMany: (items, own = {}) => send('/v1/approvals/verdicts', { items }, own),
      notes: (approvalId, own = {}) => read(`${approvalPath(approvalId)}/notes`, {}, own),
      note: (approvalId, text, own = {}) => send(`${approvalPath(approvalId)}/notes`, { text }, own, keyHeader(own)),
      withdraw: (approvalId, own = {}) => send(`${approvalPath(approvalId)}/withdraw`, undefined, own),
    },
    delegations: {
      list: (query = {}, own = {}) => read('/v1/delegations', { ...query }, own),
      lend: (wanted, own = {}) => send('/v1/delegations', wanted, own),
      end: async (delegationId, { signal } = {}) => {
        const path = `/v1/delegations/${encodeURIComponent(delegationId)}`;
        return readAnswer(await call({ method: 'DELETE', path, ...(signal && { signal }) }));
      },
    },
    nudges: { standing: (own = {}) => read('/v1/nudges', {}, own) },
    sessions: {
      list: (query = {}, own = {}) => read('/v1/sessions', { ...query }, own),
      end: (which, own = {}) => send('/v1/sessions/end', which, own),
    },
    publicKeys: (own = {}) => read('/.well-known/countersign-keys', {}, own),
  };
}

function keyHeader({ idempotencyKey }: { readonly idempotencyKey?: string }): Record<string, string> {
  return idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
}
