import { describe, expect, test } from 'vitest';
import { call, calls, say } from '../fakes/openai-host.ts';
import { type Governed, type GovernedSettings, startGoverned } from '../support/governed.ts';
import { keepInstallation } from '../support/keep-installation.ts';
import { mandate, scripted, toolResults } from '../support/scripted-model.ts';

const lookUp = { name: 'look_up', effect: 'read', run: () => ({ found: true }) } as const;
const pay = { name: 'pay', effect: 'irreversible', run: () => ({ paid: true }) } as const;

const { keep } = keepInstallation();

async function start(settings: GovernedSettings): Promise<Governed> {
  return keep(await startGoverned(settings));
}

async function runToEnd(at: Governed) {
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'do it' });
  return initiator.runs.wait(at.runId);
}

describe('a governed run', () => {
  test('calls an allowed tool once, with the effect key, and ends with the answer', async () => {
    const at = await start({
      tools: [lookUp],
      script: scripted(mandate({ look_up: 1 }), [call('desk__look_up', {}), say('Done.')]),
    });
    const run = await runToEnd(at);
    expect(run).toMatchObject({
      state: 'completed',
      output: { text: 'Done.' },
      usage: { modelCalls: 3, toolCalls: 1 },
    });
    const [made, ...more] = at.server.calls;
    expect(more).toEqual([]);
    expect(made?.headers).toMatchObject({
      'idempotency-key': `default/${at.runId}/t1.0`,
      'countersign-run-id': at.runId,
    });
    expect(made?.meta).toMatchObject({ 'countersign.dev/idempotency-key': `default/${at.runId}/t1.0` });
  });

  test('tells the model of a denial by rule, and never reaches the tool', async () => {
    const policy = `
      @id("reading") @advice("Reading is permitted.") permit (principal, action, resource);
      @id("no-payments") @advice("Nobody pays here.") forbid (principal, action == Action::"desk__pay", resource);`;
    let told: readonly unknown[] = [];
    const script = scripted(mandate({ pay: 1 }), [
      call('desk__pay', {}),
      (request) => {
        told = toolResults(request);
        return say('I was refused.');
      },
    ]);
    const at = await start({ tools: [pay], policy, script });
    expect(await runToEnd(at)).toMatchObject({ state: 'completed', usage: { toolCalls: 0 } });
    expect(told).toEqual([{ error: { code: 'denied', rule: 'no-payments', message: 'Nobody pays here.' } }]);
    expect(at.server.calls).toEqual([]);
  });

  test('refuses a tool outside its mandate, and calls beyond its count', async () => {
    const told: unknown[] = [];
    const script = scripted(mandate({ look_up: 1 }), [
      calls([
        { name: 'desk__look_up', args: {} },
        { name: 'desk__pay', args: {} },
        { name: 'nobody__knows', args: {} },
      ]),
      call('desk__look_up', {}),
      (request) => {
        told.push(...toolResults(request));
        return say('Done.');
      },
    ]);
    const at = await start({ tools: [lookUp, pay], script });
    expect(await runToEnd(at)).toMatchObject({ state: 'completed', usage: { toolCalls: 1 } });
    expect(told).toMatchObject([
      { found: true },
      { error: { code: 'denied', rule: 'mandate-tools' } },
      { error: { code: 'denied', rule: 'agent-tools' } },
      { error: { code: 'budget-exceeded', rule: 'mandate-count' } },
    ]);
    expect(at.server.calls.map(({ tool }) => tool)).toEqual(['look_up']);
  });

  test('lets exactly as many parallel calls through as the mandate counts', async () => {
    const ten = Array.from({ length: 20 }, () => ({ name: 'desk__look_up', args: {} }));
    const at = await start({ tools: [lookUp], script: scripted(mandate({ look_up: 10 }), [calls(ten), say('Done.')]) });
    expect(await runToEnd(at)).toMatchObject({ state: 'completed', usage: { toolCalls: 10 } });
    expect(at.server.calls).toHaveLength(10);
  });

  test('enters results into the transcript in the order in which they were proposed', async () => {
    const slow = {
      name: 'wait',
      effect: 'read',
      inputSchema: { type: 'object', properties: { ms: { type: 'integer' } }, required: ['ms'] },
      run: async ({ ms }: { readonly [name: string]: unknown }) => {
        await new Promise((resolve) => setTimeout(resolve, Number(ms)));
        return { ms: Number(ms) };
      },
    } as const;
    let told: readonly unknown[] = [];
    const script = scripted(mandate({ wait: 3 }), [
      calls([300, 1, 100].map((ms) => ({ name: 'desk__wait', args: { ms } }))),
      (request) => {
        told = toolResults(request);
        return say('Done.');
      },
    ]);
    await runToEnd(await start({ tools: [slow], script }));
    expect(told).toEqual([{ ms: 300 }, { ms: 1 }, { ms: 100 }]);
  });

  test('gives arguments against the schema and malformed arguments back to the model', async () => {
    const strict = {
      ...pay,
      inputSchema: {
        type: 'object',
        properties: { amount: { type: 'number' } },
        required: ['amount'],
        additionalProperties: false,
      },
    };
    let told: readonly unknown[] = [];
    const script = scripted(mandate({ pay: 3 }), [
      calls([
        { name: 'desk__pay', args: { amount: 'much' } },
        { name: 'desk__pay', args: '{"amount":' },
      ]),
      (request) => {
        told = toolResults(request);
        return say('Done.');
      },
    ]);
    const at = await start({ tools: [strict], script });
    await runToEnd(at);
    expect(told).toMatchObject([{ error: { code: 'invalid-arguments' } }, { error: { code: 'invalid-arguments' } }]);
    expect(at.server.calls).toEqual([]);
  });

  test('refuses a tool that its server announces differently than it was reviewed', async () => {
    let told: readonly unknown[] = [];
    const script = scripted(mandate({ look_up: 1 }), [
      call('desk__look_up', {}),
      (request) => {
        told = toolResults(request);
        return say('Done.');
      },
    ]);
    const at = await start({ tools: [lookUp], script });
    at.server.setTool({ ...lookUp, description: 'Now with other words.' });
    await runToEnd(at);
    expect(told).toMatchObject([{ error: { code: 'denied', rule: 'tool-changed' } }]);
    expect(at.server.calls).toEqual([]);
  });

  test('ends as failed when its steps are used up', async () => {
    const at = await start({
      tools: [lookUp],
      limits: { steps: 3 },
      script: (request) => (request.forced === null ? call('desk__look_up', {}) : mandate({ look_up: 50 })),
    });
    expect(await runToEnd(at)).toMatchObject({ state: 'failed', failure: { code: 'steps-exhausted' } });
  });

  test('ends as failed when its tokens are used up', async () => {
    const reply = { ...call('desk__look_up', {}), usage: { inputTokens: 900, outputTokens: 200 } } as const;
    const at = await start({
      tools: [lookUp],
      limits: { tokens: 2_000 },
      script: (request) => (request.forced === null ? reply : mandate({ look_up: 50 })),
    });
    expect(await runToEnd(at)).toMatchObject({ state: 'failed', failure: { code: 'budget-exceeded' } });
  });

  test('ends as failed when the model declares no mandate, after one more try', async () => {
    const at = await start({ tools: [lookUp], script: () => say('I would rather not.') });
    expect(await runToEnd(at)).toMatchObject({ state: 'failed', failure: { code: 'mandate-not-declared' } });
    expect(at.model.requests.map(({ forced, tools }) => ({ forced, tools }))).toEqual([
      { forced: 'declare_mandate', tools: ['declare_mandate'] },
      { forced: 'declare_mandate', tools: ['declare_mandate'] },
    ]);
  });

  test('ends as refused when the mandate names only what the agent may never use', async () => {
    const at = await start({
      tools: [lookUp],
      script: () => call('declare_mandate', { tools: [{ name: 'desk__launch', maxCalls: 1 }] }),
    });
    expect(await runToEnd(at)).toMatchObject({ state: 'refused', failure: { code: 'mandate-invalid' } });
  });

  test('without an admission ticket is refused before any model call', async () => {
    const at = await start({ tools: [lookUp], script: () => say('Hello.') });
    const handle = await at.temporal.workflow.start('agentRun', {
      taskQueue: at.taskQueue,
      workflowId: `default/${at.runId}`,
      args: [{ tenant: 'default', runId: at.runId }],
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'ticket-invalid' } });
    expect(at.model.requests).toEqual([]);
  });

  test('is cancelled while the model thinks, and closes as cancelled', async () => {
    const at = await start({
      tools: [lookUp],
      script: (request) => (request.forced === null ? { kind: 'hang' } : mandate({ look_up: 1 })),
    });
    const initiator = await at.as('initiator');
    await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'do it' });
    await initiator.runs.cancel(at.runId);
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'cancelled', failure: { code: 'cancelled' } });
  });
});
