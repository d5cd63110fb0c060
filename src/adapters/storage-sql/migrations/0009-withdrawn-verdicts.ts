import type { Migration } from '../migration.ts';

/** A verdict that was taken back stays, and its giver may answer again: one verdict a person that stands. */
export const withdrawnVerdicts: Migration = {
  version: 9,
  statements: [
    `alter table verdicts drop constraint verdicts_pkey`,
    `alter table verdicts drop constraint verdicts_verdict_id_key`,
    `alter table verdicts add primary key (verdict_id)`,
    `alter table verdicts add column withdrawn_at timestamptz`,
    `alter table verdicts add column withdrawal_key_id text`,
    `alter table verdicts add column withdrawal bytea`,
    `alter table verdicts add constraint withdrawn_by_a_word check (
      (withdrawn_at is null) = (withdrawal is null) and (withdrawal is null) = (withdrawal_key_id is null))`,
    `create unique index verdicts_that_stand on verdicts (tenant, approval_id, approver_mac) where withdrawn_at is null`,
    `create index verdicts_of_approval on verdicts (tenant, approval_id, stored_at)`,
  ],
};
