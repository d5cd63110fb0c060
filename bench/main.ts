import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openTemporal } from '../src/adapters/temporal-server/open-temporal.ts';
import { temporalSettings } from '../test/setup/temporal-settings.ts';
import type { BenchEnvironment, BenchSubject } from './bench-subject.ts';
import { startChild } from './child-process.ts';
import { type BenchReport, type ComparedReport, compare } from './compare.ts';
import { type DemoMeasurement, measureDemo } from './demo/measure-demo.ts';
import { fullInboxPlan, type InboxPlan, measureInbox, quickInboxPlan } from './inbox/measure-inbox.ts';
import { describeMachine } from './machine.ts';
import { type BenchPlan, fullPlan, quickPlan } from './measure.ts';
import { reportTable } from './report-table.ts';
import { benchSubjects } from './subjects.ts';
import { targetResults } from './targets.ts';

const usage =
  'usage: npm run bench -- [--quick] [--rounds N] [--only NAME]... [--no-demo] [--no-inbox | --inbox] [--json FILE]';

interface Wanted {
  readonly plan: BenchPlan;
  readonly subjects: readonly BenchSubject[];
  readonly demo: boolean;
  readonly inbox: InboxPlan | null;
  readonly jsonFile: string | undefined;
}

function readArguments(args: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: { type: 'string', multiple: true },
      'no-demo': { type: 'boolean', default: false },
      'no-inbox': { type: 'boolean', default: false },
      inbox: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const plan = values.quick ? quickPlan : fullPlan;
  const rounds = values.rounds === undefined ? plan.rounds : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes a whole number from 1');
  const subjects = benchSubjects().filter(({ name }) => values.only === undefined || values.only.includes(name));
  if (subjects.length === 0)
    throw new RangeError(
      `--only takes ${benchSubjects()
        .map(({ name }) => name)
        .join(', ')}`,
    );
  const inbox = values['no-inbox'] ? null : values.quick ? quickInboxPlan : fullInboxPlan;
  const alone = values.inbox ? { subjects: [], demo: false } : { subjects, demo: !values['no-demo'] };
  return { plan: { ...plan, rounds }, ...alone, inbox, jsonFile: values.json };
}

const progress = (sentence: string): void => void process.stderr.write(`${sentence}\n`);

/** The second of two demos, so that what the first one prepares is there; one is enough where time is short. */
async function demoWhenWarm(plan: BenchPlan): Promise<DemoMeasurement> {
  progress('the demo');
  const first = await measureDemo();
  return plan.long === null ? first : measureDemo();
}

async function bench({ plan, subjects }: Wanted): Promise<ComparedReport> {
  if (subjects.length === 0) return { plan, subjects: [], comparisons: [], temporalResidentBytes: null };
  await using stack = new AsyncDisposableStack();
  const scratch = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  stack.defer(() => rm(scratch, { recursive: true, force: true }));
  const dataFolder = join(scratch, 'data');
  await mkdir(dataFolder, { mode: 0o700 });
  const temporal = await openTemporal({
    settings: temporalSettings(),
    dataFolder: scratch,
    ports: { grpc: 0, ui: 0 },
    progress,
  });
  stack.defer(() => temporal.stop());
  const modelHost = await startChild(new URL('./hosts/model-host.process.ts', import.meta.url));
  stack.defer(() => modelHost.stop());
  const toolServer = await startChild(new URL('./hosts/tool-server.process.ts', import.meta.url));
  stack.defer(() => toolServer.stop());
  const environment: BenchEnvironment = {
    temporal: { address: temporal.address, namespace: temporal.namespace },
    modelBaseUrl: String(modelHost.ready),
    toolServerUrl: String(toolServer.ready),
    toolArrivals: async (runId) => (await toolServer.ask(runId)) as readonly number[],
    dataFolder,
  };
  for (const subject of subjects) {
    progress(`starting ${subject.name}`);
    stack.defer(() => subject.stop());
    await subject.start(environment);
  }
  return await compare({ subjects, modelHost, plan, temporalPid: temporal.pid, progress });
}

let wanted: Wanted;
try {
  wanted = readArguments(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exit(2);
}
const machine = describeMachine();
const demo = wanted.demo ? await demoWhenWarm(wanted.plan) : null;
if (wanted.inbox !== null) progress(`the inbox, with ${wanted.inbox.waiting} approvals waiting`);
const inbox = wanted.inbox && (await measureInbox(wanted.inbox));
const measured: BenchReport = { machine, ...(await bench(wanted)), demo, inbox };
const report = { ...measured, targets: targetResults(measured) };
process.stdout.write(`${reportTable(report, report.targets)}\n`);
if (wanted.jsonFile !== undefined) await writeFile(wanted.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
