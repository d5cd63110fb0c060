import type { Migration } from '../migration.ts';

/** Rights to answer approvals that people lent each other; who they are stands in the sealed column only. */
export const delegations: Migration = {
  version: 10,
  statements: [
    `create table delegations (
      tenant text not null,
      delegation_id text not null,
      from_mac text not null,
      to_mac text not null,
      state text not null check (state in ('active', 'ended')),
      begins_at timestamptz not null,
      ends_at timestamptz not null,
      delegation_key_id text not null,
      delegation bytea not null,
      primary key (tenant, delegation_id)
    )`,
    `create index delegations_of_lender on delegations (tenant, from_mac, ends_at)`,
    `create index delegations_of_delegate on delegations (tenant, to_mac, ends_at)`,
  ],
};
