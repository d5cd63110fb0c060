import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createOpenAiCompatibleModel } from '../../src/adapters/model-openai-compatible/create-openai-compatible-model.ts';
import { createMcpTools } from '../../src/adapters/tools-mcp/create-mcp-tools.ts';
import { toolServerSchema } from '../../src/contracts/tool-server.schema.ts';
import { keysFolderOf, processUsage, readWorkerEnvironment } from '../bench-subject.ts';
import { answerParent, tellParent } from '../child-process.ts';
import { createBenchCodecs } from '../payload-codecs.ts';
import { createPlainActivities } from './plain-activities.ts';
import { plainTaskQueue } from './plain-task-queue.ts';

/** The plain side's worker, in a process of its own like the governed side's. */
const environment = readWorkerEnvironment(process.argv);
const manifest = toolServerSchema.parse({
  apiVersion: 'countersign/v1',
  kind: 'ToolServer',
  name: 'bench',
  transport: { url: environment.toolServerUrl },
  tools: {},
});
Runtime.install({ logger: new DefaultLogger('WARN') });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: environment.temporal.address }),
  namespace: environment.temporal.namespace,
  taskQueue: plainTaskQueue,
  workflowsPath: new URL('./plain-run.workflow.ts', import.meta.url).pathname,
  dataConverter: { payloadCodecs: [...(await createBenchCodecs(keysFolderOf(environment)))] },
  // As the product's workers are set, so that the workflow cache and the slots are the same.
  stickyQueueScheduleToStartTimeout: '1s',
  maxCachedWorkflows: 200,
  maxConcurrentActivityTaskExecutions: 100,
  maxConcurrentWorkflowTaskExecutions: 40,
  activities: {
    ...createPlainActivities({
      model: createOpenAiCompatibleModel({ baseUrl: environment.modelBaseUrl, model: 'bench', timeoutMs: 30_000 }),
      tools: createMcpTools({ servers: () => [manifest] }),
    }),
  },
});
answerParent(processUsage);
tellParent('ready');
await worker.run();
