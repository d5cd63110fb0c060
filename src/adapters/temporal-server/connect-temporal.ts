import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { CountersignError } from '../../domain/countersign-error.ts';
import { searchAttributes } from './search-attributes.ts';
import { becomesReady } from './server-readiness.ts';
import type { TemporalServer } from './temporal-server.ts';

const answersWithinMs = 15_000;
const callMs = 10_000;

/**
 * A server that somebody else runs. Registers the search attributes that its namespace lacks.
 *
 * @throws CountersignError `unavailable` if it does not answer or does not let us register them
 */
export async function connectTemporal(address: string, namespace: string): Promise<TemporalServer> {
  try {
    await registerSearchAttributes(address, namespace);
  } catch (cause) {
    const message = `The Temporal server at ${address} (TEMPORAL_ADDRESS), namespace ${namespace}, cannot be used.`;
    throw new CountersignError('unavailable', { message, cause });
  }
  const gone = () => false;
  if (!(await becomesReady({ address, namespace, withinMs: answersWithinMs, gone }))) {
    const message = `The search attributes of namespace ${namespace} at ${address} do not become ready.`;
    throw new CountersignError('unavailable', { message });
  }
  const whenEnded = new Promise<void>(() => undefined);
  return { address, namespace, uiUrl: undefined, pid: undefined, whenEnded, stop: async () => undefined };
}

async function registerSearchAttributes(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: answersWithinMs });
  try {
    await connection.withDeadline(Date.now() + callMs, async () => {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = searchAttributes.filter((name) => !(name in customAttributes));
      if (missing.length === 0) return;
      const keyword = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
      const added = Object.fromEntries(missing.map((name) => [name, keyword]));
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: added });
    });
  } finally {
    await connection.close();
  }
}
