import type { Migration } from '../migration.ts';

/** What principals say to runs that are under way. */
export const steering: Migration = {
  version: 4,
  statements: [
    `create table run_steering (
      tenant text not null,
      run_id text not null,
      position integer not null check (position > 0),
      steer_id text not null,
      message_key_id text not null,
      message bytea not null,
      stored_at timestamptz not null,
      signalled_at timestamptz,
      taken_turn integer,
      primary key (tenant, run_id, position),
      unique (tenant, run_id, steer_id),
      foreign key (tenant, run_id) references runs
    )`,
    `create index run_steering_untaken on run_steering (stored_at) where taken_turn is null`,
  ],
};
