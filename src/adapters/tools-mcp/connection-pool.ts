import { CountersignError } from '../../domain/countersign-error.ts';
import type { Connection } from './open-connection.ts';

interface Slot {
  readonly server: string;
  readonly key: string;
  readonly opening: Promise<Connection>;
  users: number;
  idle: NodeJS.Timeout | undefined;
  /** Set once, when the last user has left a slot that is no longer the current one. */
  ending: Promise<void> | undefined;
}

export interface ConnectionPool {
  /**
   * Runs `work` on the server's one connection, opened when needed.
   * `key` changes when the manifest's transport does. Throws `tool-unreachable` when there is no connection.
   */
  use<T>(
    target: { server: string; key: string; signal: AbortSignal },
    work: (connection: Connection) => Promise<T>,
  ): Promise<T>;
  /** The next use connects again. Calls already running on the old connection keep it until they end. */
  retire(connection: Connection): void;
  close(): Promise<void>;
}

/** One connection a server, shared by all calls: closing it under a running call would leave that call's outcome open. */
export function createConnectionPool(settings: {
  readonly open: (server: string) => Promise<Connection>;
  readonly idleTimeoutMs: number;
}): ConnectionPool {
  const current = new Map<string, Slot>();
  const live = new Set<Slot>();
  const slotOf = new WeakMap<Connection, Slot>();
  let closed = false;

  function openSlot(server: string, key: string): Slot {
    const slot: Slot = { server, key, opening: settings.open(server), users: 0, idle: undefined, ending: undefined };
    current.set(server, slot);
    live.add(slot);
    slot.opening.then(
      (connection) => slotOf.set(connection, slot),
      () => retireSlot(slot),
    );
    return slot;
  }

  function retireSlot(slot: Slot): void {
    if (current.get(slot.server) === slot) current.delete(slot.server);
    if (slot.users === 0) void endSlot(slot);
  }

  function endSlot(slot: Slot): Promise<void> {
    clearTimeout(slot.idle);
    return (slot.ending ??= slot.opening
      .then((connection) => connection.close())
      .catch(() => undefined)
      .then(() => void live.delete(slot)));
  }

  function take(server: string, key: string): Slot {
    if (closed) throw unreachable('the tool adapter is closed');
    const known = current.get(server);
    if (known && known.key !== key) retireSlot(known);
    const slot = current.get(server) ?? openSlot(server, key);
    slot.users += 1;
    clearTimeout(slot.idle);
    return slot;
  }

  function release(slot: Slot): void {
    slot.users -= 1;
    if (slot.users > 0) return;
    if (current.get(slot.server) !== slot) return void endSlot(slot);
    slot.idle = setTimeout(() => retireSlot(slot), settings.idleTimeoutMs).unref();
  }

  return {
    async use({ server, key, signal }, work) {
      for (let attempt = 0; attempt < 2; attempt += 1) {
        const slot = take(server, key);
        try {
          const connection = await unlessAborted(slot.opening, signal);
          if (connection.isOpen()) return await work(connection);
          retireSlot(slot);
        } finally {
          release(slot);
        }
      }
      throw unreachable(`tool server ${server}: it closes its connections`);
    },
    retire(connection) {
      const slot = slotOf.get(connection);
      if (slot) retireSlot(slot);
    },
    async close() {
      closed = true;
      current.clear();
      await Promise.all([...live].map((slot) => endSlot(slot)));
    },
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw unreachable('aborted before anything was sent');
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(unreachable('aborted before anything was sent'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function unreachable(message: string): CountersignError {
  return new CountersignError('tool-unreachable', { message });
}
