import type { AuditRecord } from '../../domain/audit-record.ts';

export type AppendListener = (tenant: string, runId: string) => void;

/** Tells listeners of this process that records of a run were committed. */
export interface AppendNotices {
  subscribe(listener: AppendListener): () => void;
  /** After the commit. Never throws: what was committed stays, whatever a listener does. */
  committed(records: readonly AuditRecord[]): void;
}

export function createAppendNotices(): AppendNotices {
  const listeners = new Set<AppendListener>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    committed(records) {
      if (listeners.size === 0) return;
      const runs = new Map(records.map(({ tenant, runId }) => [`${tenant}/${runId}`, { tenant, runId }]));
      // Later, so that a slow or failing listener is never part of the transition.
      setImmediate(() => {
        for (const { tenant, runId } of runs.values())
          for (const listener of listeners) notify(listener, tenant, runId);
      });
    },
  };
}

/** A listener's failure is its own: the others are told, and the process goes on. */
function notify(listener: AppendListener, tenant: string, runId: string): void {
  try {
    listener(tenant, runId);
  } catch {
    return;
  }
}
