import type { Migration } from '../migration.ts';

/** Messages that point people to questions: one row for each question, occasion and channel. */
export const nudges: Migration = {
  version: 3,
  statements: [
    // A row without channel says that there was nobody to tell.
    `create table nudges (
      tenant text not null,
      approval_id text not null,
      occasion text not null check (occasion in ('opened', 'reminder', 'expired')),
      channel text not null,
      nudge_id text not null unique,
      state text not null check (state in ('due', 'sent', 'failed', 'dropped', 'unaddressed')),
      attempts integer not null default 0,
      planned_at timestamptz not null,
      next_at timestamptz not null,
      settled_at timestamptz,
      code text,
      primary key (tenant, approval_id, occasion, channel),
      foreign key (tenant, approval_id) references approvals,
      check ((state = 'unaddressed') = (channel = '')),
      check ((state = 'due') = (settled_at is null))
    )`,
    `create index nudges_due on nudges (channel, next_at) where state = 'due'`,
    `create index approvals_expired on approvals (closed_at) where state = 'expired'`,
  ],
};
