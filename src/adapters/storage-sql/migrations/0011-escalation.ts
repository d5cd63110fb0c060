import type { Migration } from '../migration.ts';

/** Escalation: who is asked later and from when, when people are reminded, and messages about both. */
export const escalation: Migration = {
  version: 11,
  statements: [
    `alter table approvals
      add column later_roles text[],
      add column later_at timestamptz[],
      add column widens_at timestamptz,
      add column remind_at timestamptz,
      add constraint later_roles_have_times
        check (coalesce(cardinality(later_roles), -1) = coalesce(cardinality(later_at), -1))`,
    `create index approvals_widening on approvals (widens_at) where state = 'pending'`,
    `alter table nudges drop constraint nudges_occasion_check`,
    `alter table nudges add constraint nudges_occasion_check
      check (occasion in ('opened', 'widened', 'reminder', 'alarm', 'expired'))`,
    `alter table nudges add column rung integer not null default 0`,
    `alter table nudges add constraint rung_of_widened check ((occasion = 'widened') = (rung > 0))`,
    `alter table nudges drop constraint nudges_pkey`,
    `alter table nudges add primary key (tenant, approval_id, occasion, rung, channel)`,
  ],
};
