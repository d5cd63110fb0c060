import type { Migration } from '../migration.ts';

/** Edits: an approval counts its verdicts, names its successor, and a run remembers that somebody wrote into it. */
export const edits: Migration = {
  version: 8,
  statements: [
    `alter table approvals add column revision integer not null default 0`,
    `alter table approvals add constraint superseded_names_its_successor
      check ((state = 'superseded') = (superseded_by is not null))`,
    `alter table verdicts add column edits boolean not null default false`,
    `create index verdicts_that_edit on verdicts (tenant, approval_id) where edits`,
    `alter table run_usage add column has_edits boolean not null default false`,
  ],
};
