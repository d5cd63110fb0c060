import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { searchAttributes } from './search-attributes.ts';

const pollMs = 100;
const callMs = 2000;

export interface Readiness {
  readonly address: string;
  readonly namespace: string;
  /** A namespace that proves which server it is. */
  readonly identifiedBy?: string;
  readonly withinMs: number;
  /** Ends the wait early: the server is gone. */
  readonly gone: () => boolean | Promise<boolean>;
}

/** Waits until the server answers and knows the namespace and our search attributes. */
export async function becomesReady(readiness: Readiness): Promise<boolean> {
  const { address, withinMs, gone } = readiness;
  const deadline = Date.now() + withinMs;
  while (Date.now() < deadline) {
    if (await gone()) return false;
    if ((await acceptsConnections(address)) && (await servesNamespaces(readiness))) return true;
    await pause(pollMs);
  }
  return false;
}

/** A gRPC channel that met a closed port backs off for seconds, so the port is tried by itself first. */
function acceptsConnections(address: string): Promise<boolean> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: callMs });
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

async function servesNamespaces({ address, namespace, identifiedBy = namespace }: Readiness): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: callMs });
    try {
      return await connection.withDeadline(Date.now() + callMs, async () => {
        await connection.workflowService.describeNamespace({ namespace: identifiedBy });
        const known = await connection.operatorService.listSearchAttributes({ namespace });
        return searchAttributes.every((name) => name in known.customAttributes);
      });
    } finally {
      await connection.close();
    }
  } catch {
    return false; // not yet: the reason shows in the server's own log
  }
}

export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(address.slice(colon + 1)) };
}
