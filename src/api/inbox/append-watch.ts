import type { ApprovalInbox } from '../../ports/approval-inbox.port.ts';
import type { AuditOutbox } from '../../ports/audit-outbox.port.ts';
import { createWakeUp, type WakeUp } from '../timeline/wake-up.ts';

export interface AppendWatch {
  /** Wakes when a record of such a run was written, by this process at once, by another one within the second. */
  open(matches: (tenant: string, runId: string) => boolean, signal: AbortSignal): WakeUp;
}

const lookEveryMs = 1_000;

/** However many pages are open, one question a second tells whether another process has written. */
export function createAppendWatch(
  outbox: Pick<AuditOutbox, 'onAppend'>,
  inbox: Pick<ApprovalInbox, 'position'>,
): AppendWatch {
  const open = new Set<WakeUp>();
  let timer: NodeJS.Timeout | undefined;
  let newest = 0;

  const look = async (): Promise<void> => {
    const position = await inbox.position().catch(() => newest);
    if (position !== newest) for (const wakeUp of open) wakeUp.wake();
    newest = position;
    if (open.size > 0) timer = setTimeout(() => void look(), lookEveryMs).unref();
    else timer = undefined;
  };

  return {
    open(matches, signal) {
      const wakeUp = createWakeUp(signal);
      const unsubscribe = outbox.onAppend((tenant, runId) => {
        if (matches(tenant, runId)) wakeUp.wake();
      });
      open.add(wakeUp);
      timer ??= setTimeout(() => void look(), lookEveryMs).unref();
      return {
        ...wakeUp,
        close() {
          unsubscribe();
          open.delete(wakeUp);
          wakeUp.close();
        },
      };
    },
  };
}
