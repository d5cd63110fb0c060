import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, describe, expect, test } from 'vitest';
import type { ActivitiesByRole } from '../../src/main/compose-activities.ts';
import type { FakeTool } from '../fakes/fake-tool.ts';
import { call, say } from '../fakes/openai-host.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import type { TestTool } from '../support/installation.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

let governed: Governed | undefined;
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
});

const key = { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] };
const slow = () => new Promise<void>((resolve) => void setTimeout(resolve, 400));

type Role = ActivitiesByRole[keyof ActivitiesByRole];
function having<Name extends keyof Role>(role: Role, name: Name): NonNullable<Role[Name]> {
  return role[name] ?? expect.fail(`no activity ${name}`);
}
const run = <Request, Result>(activity: (request: Request) => Promise<Result>, request: Request): Promise<Result> =>
  new MockActivityEnvironment({ attempt: 1 }).run(activity, request);

describe('an effect that is asked for twice at once', () => {
  test.each(['keyed', 'probe:happened', 'never', 'idempotent'])('happens once where its retry is %s', async (retry) => {
    let paid = 0;
    const pay: FakeTool & TestTool = {
      name: 'pay',
      effect: 'irreversible',
      retry,
      run: async () => {
        await slow();
        paid += 1;
        return { paid: true };
      },
    };
    const happened: FakeTool & TestTool = {
      name: 'happened',
      effect: 'read',
      inputSchema: key,
      run: () => ({ happened: paid > 0 }),
    };
    const script = scripted(mandate({ pay: 1 }), [call('desk__pay', {}), say('Done.')]);
    const at = await startGoverned({ tools: [pay, happened], script });
    governed = at;
    await at.stopWorker();
    const initiator = await at.as('initiator');
    await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'pay' });
    const of = { tenant: 'default', runId: at.runId };
    const { transcript } = await run(having(at.activities.agents, 'resolveAgent'), of);
    await run(having(at.activities.inference, 'freezeMandate'), of);
    const { proposed } = await run(having(at.activities.inference, 'infer'), {
      run: of,
      turn: 1,
      transcript,
      results: [],
    });
    const action = proposed[0]?.action ?? expect.fail('nothing was proposed');
    const perform = having(at.activities.effects, 'performAction');
    const outcomes = await Promise.all([1, 2, 3].map(() => run(perform, { run: of, action })));
    expect(paid).toBe(1);
    expect(at.server.calls.filter(({ tool }) => tool === 'pay')).toHaveLength(1);
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['landed']));
    const [row] = await at.records.storage.ledger.ofRun('default', at.runId);
    expect(row).toMatchObject({ state: 'landed' });
  });
});
