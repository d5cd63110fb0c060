import type { Migration } from '../migration.ts';

/** What is asked by the same rules about the same tool commits to the same text. Null: like nothing else. */
export const likeApprovals: Migration = {
  version: 12,
  statements: [
    `alter table approvals add column likeness text`,
    `create index approvals_alike on approvals (tenant, likeness) where state = 'pending'`,
  ],
};
