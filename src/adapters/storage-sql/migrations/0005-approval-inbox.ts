import type { Migration } from '../migration.ts';

/** Lists of pending approvals without a blob. Rows of before get what is null here when they are first listed. */
export const approvalInbox: Migration = {
  version: 5,
  statements: [
    `alter table approvals
      add column asked_roles text[],
      add column asked_step_up boolean,
      add column initiator_mac text,
      add column owner_mac text,
      add column summary_key_id text,
      add column summary bytea,
      add check ((summary_key_id is null) = (summary is null)),
      add check (summary is null or (asked_roles is not null and asked_step_up is not null
        and initiator_mac is not null and owner_mac is not null))`,
    `create index approvals_inbox on approvals (tenant, expires_at, approval_id) where state = 'pending'`,
    `create index approvals_unsummarised on approvals (tenant) where state = 'pending' and summary is null`,
  ],
};
