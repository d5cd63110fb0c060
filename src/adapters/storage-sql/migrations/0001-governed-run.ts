import type { Migration } from '../migration.ts';

/** Everything that one governed run needs. Plain PostgreSQL; every statement stands alone. */
export const governedRun: Migration = {
  version: 1,
  statements: [
    `create table runs (
      tenant text not null,
      run_id text not null,
      agent text not null,
      agent_version integer not null,
      request_mac text not null,
      ticket_key_id text not null,
      ticket bytea not null,
      started_at timestamptz not null,
      closed_state text check (closed_state in ('completed', 'refused', 'failed', 'cancelled')),
      closed_at timestamptz,
      failure_key_id text,
      failure bytea,
      output_ref text,
      primary key (tenant, run_id),
      check ((closed_state is null) = (closed_at is null)),
      check ((failure_key_id is null) = (failure is null))
    )`,
    `create index runs_newest on runs (tenant, started_at desc, run_id desc)`,
    `create index runs_open on runs (started_at) where closed_at is null`,

    // Apart from runs and half empty, so that counting up rewrites a short row in its own page.
    `create table run_usage (
      tenant text not null,
      run_id text not null,
      model_calls integer not null default 0,
      tool_calls integer not null default 0,
      input_tokens bigint not null default 0,
      output_tokens bigint not null default 0,
      cost_micro_usd bigint not null default 0,
      per_tool jsonb not null default '{}',
      closed boolean not null default false,
      primary key (tenant, run_id),
      foreign key (tenant, run_id) references runs
    ) with (fillfactor = 50)`,

    `create table mandates (
      tenant text not null,
      run_id text not null,
      mandate_key_id text not null,
      mandate bytea not null,
      primary key (tenant, run_id),
      foreign key (tenant, run_id) references runs
    )`,

    `create table turns (
      tenant text not null,
      run_id text not null,
      turn integer not null,
      transcript_mac text not null,
      outcome_ref text not null,
      primary key (tenant, run_id, turn, transcript_mac)
    )`,

    `create table approvals (
      tenant text not null,
      approval_id text not null,
      run_id text not null,
      agent text not null,
      call_id text not null,
      kind text not null,
      tool text not null,
      state text not null check (
        state in ('pending', 'approved', 'rejected', 'expired', 'withdrawn', 'superseded', 'consumed')),
      action_digest text not null,
      render_hash text not null,
      envelope_ref text not null,
      sheet_ref text not null,
      risk text not null,
      details_key_id text not null,
      details bytea not null,
      created_at timestamptz not null,
      expires_at timestamptz not null,
      closed_at timestamptz,
      superseded_by text,
      consumed_by text,
      primary key (tenant, approval_id),
      check ((state = 'consumed') = (consumed_by is not null)),
      check ((state = 'pending') = (closed_at is null))
    )`,
    `create index approvals_newest on approvals (tenant, created_at desc, approval_id desc)`,
    `create index approvals_pending on approvals (tenant, run_id) where state = 'pending'`,

    `create table verdicts (
      tenant text not null,
      approval_id text not null,
      approver_mac text not null,
      verdict_id text not null unique,
      verdict_key_id text not null,
      verdict bytea not null,
      stored_at timestamptz not null,
      signalled_at timestamptz,
      primary key (tenant, approval_id, approver_mac),
      foreign key (tenant, approval_id) references approvals
    )`,

    // The last check is what undoes a reservation whose approval was consumed by another one at the same moment.
    `create table effects (
      key text primary key,
      tenant text not null,
      run_id text not null,
      tool text not null,
      action_digest text not null,
      state text not null check (state in ('reserved', 'landed', 'did-not-happen', 'in-doubt')),
      attempts integer not null,
      approval_id text,
      approval_consumed boolean not null,
      outcome_ref text,
      reserved_at timestamptz not null,
      settled_at timestamptz,
      check (starts_with(key, tenant || '/' || run_id || '/')),
      check ((state in ('landed', 'did-not-happen')) = (outcome_ref is not null)),
      constraint effect_consumes_its_approval check (approval_consumed = (approval_id is not null))
    )`,
    `create index effects_of_run on effects (tenant, run_id)`,

    `create table spent_nonces (
      tenant text not null,
      nonce text not null,
      effect_key text not null references effects,
      primary key (tenant, nonce)
    )`,

    `create table audit_outbox (
      position bigint generated always as identity primary key,
      tenant text not null,
      record_key text not null,
      run_id text not null,
      kind text not null,
      occurred_at timestamptz not null,
      key_id text not null,
      body bytea not null,
      unique (tenant, record_key)
    )`,
    `create index audit_outbox_of_run on audit_outbox (tenant, run_id, position)`,

    `create table sessions (
      id_hash text primary key,
      session_key_id text not null,
      session bytea not null,
      last_seen_at timestamptz not null,
      expires_at timestamptz not null
    )`,
    `create index sessions_by_end on sessions (expires_at)`,
  ],
};
