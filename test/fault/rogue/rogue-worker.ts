import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import {
  createDataConverter,
  failureConverterPath,
} from '../../../src/adapters/codec-aes-gcm/create-data-converter.ts';
import type { PerformRequest, RunActivities } from '../../../src/contracts/run-activities.ts';
import { digestOf } from '../../../src/digest/digest.ts';
import type { ActionEnvelope } from '../../../src/domain/action.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { uniqueTaskQueue } from '../../setup/task-queue.ts';
import type { Governed } from '../../support/governed.ts';

export type Asked = PerformRequest['action'];

/** A compromised worker: it has the codec, the blob store and the database, and neither a signing key nor a credential. */
export interface RogueWorker {
  /** Schedules an activity for real; says the code of the failure, or what kind of outcome it had. */
  schedule(activity: keyof RunActivities, request: object): Promise<string>;
  /** Schedules `performAction`: the code of the failure, `refused: <rule>`, or `landed`. */
  perform(request: object): Promise<string>;
  /** Stores an envelope of its own making, and refers to it as an honest workflow would. */
  store(envelope: ActionEnvelope): Promise<Asked>;
  stop(): Promise<void>;
}

export async function startRogueWorker(at: Governed): Promise<RogueWorker> {
  const { address, namespace } = inject('temporal');
  const connection = await NativeConnection.connect({ address });
  const taskQueue = uniqueTaskQueue('rogue');
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('forge.workflow.ts', import.meta.url)),
    failureConverterPath,
    logger: quiet,
  });
  const dataConverter = createDataConverter({ keys: at.records.keys, tenant: 'default' });
  const worker = await Worker.create({ connection, namespace, taskQueue, dataConverter, workflowBundle });
  const running = worker.run();
  const schedule: RogueWorker['schedule'] = (activity, request) =>
    at.temporal.workflow
      .execute('forge', { taskQueue, workflowId: `rogue-${randomUUID()}`, args: [at.taskQueue, activity, request] })
      .then(said, codeOf);
  return {
    schedule,
    perform: (request) => schedule('performAction', request),
    async store(envelope) {
      const content = envelope as object as JsonObject;
      return {
        callId: envelope.callId,
        key: `${envelope.tenant}/${envelope.runId}/${envelope.callId}` as Asked['key'],
        kind: envelope.kind,
        tool: envelope.tool,
        actionDigest: digestOf('action', content),
        envelopeRef: await at.records.blobs.put('default', 'envelope', content),
        toolCallId: 'call_1',
        toolName: envelope.tool.replace('.', '__'),
      };
    },
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

function said(outcome: { readonly kind?: string; readonly refusal?: { readonly rule: string } } | null): string {
  if (outcome === null) return 'done';
  return outcome.kind === 'refused' ? `refused: ${outcome.refusal?.rule}` : String(outcome.kind);
}

function codeOf(error: unknown): string {
  let cause = error instanceof WorkflowFailedError ? error.cause : error;
  while (cause instanceof Error && !(cause instanceof ApplicationFailure)) cause = cause.cause as Error | undefined;
  return cause instanceof ApplicationFailure ? String(cause.type) : String(error);
}

const silent = () => undefined;
const quiet = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
