import type { temporal } from '@temporalio/proto';
import { call, calls, say } from '../fakes/openai-host.ts';
import { eventually } from '../support/eventually.ts';
import type { Governed, GovernedSettings } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

type History = temporal.api.history.v1.IHistory;

/** A run that is recorded: its world, and what people do to it. Gives the histories of its executions by file name. */
export interface RecordedRun {
  readonly settings: GovernedSettings;
  readonly record: (at: Governed) => Promise<Readonly<Record<string, History>>>;
}

const lookUp = { name: 'look_up', effect: 'read', run: () => ({ found: true }) } as const;
const pay = { name: 'pay', effect: 'irreversible', run: () => ({ paid: true }) } as const;
const tools = [lookUp, pay];

const asking = (ttl: string) => `
  @id("all") @advice("Everything is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"${ttl}\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

const payOnce = scripted(mandate({ pay: 1 }), [call('desk__pay', {}), say('Done.')]);

const plain: RecordedRun = {
  settings: {
    tools,
    script: scripted(mandate({ look_up: 3 }), [
      calls([
        { name: 'desk__look_up', args: {} },
        { name: 'desk__look_up', args: {} },
        { name: 'desk__pay', args: {} },
      ]),
      call('desk__look_up', {}),
      say('Done.'),
    ]),
  },
  record: async (at) => {
    await begun(at);
    return { plain: await ended(at) };
  },
};

const approved: RecordedRun = {
  settings: { tools, script: payOnce, policy: asking('5m') },
  record: async (at) => {
    const approval = await questionOf(at);
    await at.temporal.workflow.getHandle(`default/${at.runId}`).signal('verdict', 'forged');
    await approve(at, approval);
    return { approved: await ended(at) };
  },
};

const expired: RecordedRun = {
  settings: { tools, script: payOnce, policy: asking('2s') },
  record: async (at) => {
    await questionOf(at);
    return { expired: await ended(at) };
  },
};

const cancelled: RecordedRun = {
  settings: { tools, script: payOnce, policy: asking('5m') },
  record: async (at) => {
    await questionOf(at);
    await (await at.as('initiator')).runs.cancel(at.runId);
    return { cancelled: await ended(at) };
  },
};

const refused: RecordedRun = {
  settings: { tools, script: () => say('I would rather not.') },
  record: async (at) => {
    await begun(at);
    return { 'without-mandate': await ended(at) };
  },
};

/** Two turns an execution, five turns: the run is three executions long. */
const continued: RecordedRun = {
  settings: {
    tools,
    turnsPerExecution: 2,
    script: scripted(mandate({ look_up: 9 }), [
      ...Array.from({ length: 4 }, () => call('desk__look_up', {})),
      say('Done.'),
    ]),
  },
  record: async (at) => {
    const first = await begun(at);
    const last = await ended(at);
    return { 'continued-first': await at.historyOf(first), 'continued-last': last };
  },
};

/** A flood makes the run continue with its question open; only what comes after the flood is kept. */
const carried: RecordedRun = {
  settings: { tools, script: payOnce, policy: asking('5m') },
  record: async (at) => {
    const approval = await questionOf(at);
    const handle = at.temporal.workflow.getHandle(`default/${at.runId}`);
    const first = (await handle.describe()).runId;
    await Promise.all(Array.from({ length: 1_100 }, () => handle.signal('verdict', 'flood')));
    await eventually(
      async () => ((await handle.describe()).runId === first ? undefined : true),
      'another execution',
      60_000,
    );
    await approve(at, approval);
    return { 'carried-approval': await ended(at) };
  },
};

/** The principal speaks while the run waits for a person, and somebody else sends what only looks like it. */
const steered: RecordedRun = {
  settings: { tools, script: payOnce, policy: asking('5m') },
  record: async (at) => {
    const approval = await questionOf(at);
    const handle = at.temporal.workflow.getHandle(`default/${at.runId}`);
    await handle.signal('steer', 'forged');
    await (await at.as('initiator')).runs.steer(at.runId, 'Be brief.');
    await approve(at, approval);
    return { steered: await ended(at) };
  },
};

export const recordedRuns: readonly RecordedRun[] = [
  plain,
  approved,
  expired,
  cancelled,
  refused,
  continued,
  carried,
  steered,
];

/** Temporal's id of the first execution. */
async function begun(at: Governed): Promise<string> {
  await (await at.as('initiator')).runs.start({ runId: at.runId, agent: 'tester', task: 'do it' });
  return (await at.temporal.workflow.getHandle(`default/${at.runId}`).describe()).runId;
}

async function ended(at: Governed): Promise<History> {
  await (await at.as('initiator')).runs.wait(at.runId);
  await at.temporal.workflow
    .getHandle(`default/${at.runId}`)
    .result()
    .catch(() => undefined);
  return at.history(at.runId);
}

async function questionOf(at: Governed) {
  await begun(at);
  const initiator = await at.as('initiator');
  return eventually(async () => (await initiator.approvals.list({ state: 'pending' })).items[0], 'a pending approval');
}

async function approve(at: Governed, approval: { readonly approvalId: string; readonly actionDigest: string }) {
  const { approvalId, actionDigest } = approval;
  await (await at.as('approver')).approvals.decide(approvalId, { verdict: 'approve', actionDigest });
}
