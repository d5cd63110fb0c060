import type { Migration } from '../migration.ts';

/** Sessions can be found and ended by person. Those from before lack the columns: everybody signs in once more. */
export const sessionsOfPeople: Migration = {
  version: 2,
  statements: [
    `delete from sessions`,
    `alter table sessions add column tenant text not null`,
    `alter table sessions add column subject_mac text not null`,
    `create index sessions_by_person on sessions (tenant, subject_mac)`,
  ],
};
