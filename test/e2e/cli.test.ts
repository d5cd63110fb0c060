import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../src/adapters/temporal-server/free-port.ts';
import { type DeskProcess, startDesk } from '../../src/cli/demo/desk-process.ts';
import { runCommand, type StartedCommand, startCommand } from './countersign-process.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const runSchema = z.object({ runId: z.string(), state: z.string() });
const approvalsSchema = z.object({
  items: z.array(
    z.object({
      approvalId: z.string(),
      actionDigest: z.string(),
      state: z.string(),
      args: z.record(z.string(), z.unknown()),
    }),
  ),
});
const changeSchema = z.object({ approval: z.object({ state: z.literal('superseded'), supersededBy: z.string() }) });

/** The command line against a server that it started itself, on a copy of the checkout’s agents. */
describe('countersign', { timeout: 120_000 }, () => {
  let base: string;
  let agents: string;
  let data: string;
  let desk: DeskProcess;
  let up: StartedCommand;
  let url: string;

  const cli = (...args: string[]) => runCommand(...args, '--data', data);
  const codeOf = (output: string): unknown => JSON.parse(output.trimEnd().split('\n').at(-1) ?? '').error?.code;

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'cli-e2e-'));
    agents = join(base, 'agents');
    data = join(base, 'data');
    desk = await startDesk({
      dataFolder: join(base, 'desk'),
      port: await freePort(),
      environment: { PATH: process.env['PATH'] ?? '' },
    });
    await cp(join(checkout, 'agents'), agents, { recursive: true });
    const manifest = join(agents, 'servers', 'invoices.yaml');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/url: \S+\/mcp/, `url: ${desk.url}`));
    up = startCommand([
      'up',
      '--json',
      '--agents',
      agents,
      '--policies',
      join(checkout, 'policies'),
      '--data',
      data,
      '--port',
      '0',
    ]);
    url = String((await up.event('ready'))['url']);
  }, 120_000);

  afterAll(async () => {
    up.child.kill('SIGTERM');
    await up.ended;
    await desk.stop();
    await rm(base, { recursive: true, force: true });
  });

  test('up says first where it is', () => {
    expect(up.events[0]).toMatchObject({
      event: 'ready',
      url: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      problems: [],
    });
  });

  test('a second server on the same folder is refused, with the address of the first', async () => {
    const { code, output } = await cli('up', '--json', '--agents', agents, '--port', '0');
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      error: { code: 'data-folder-in-use', message: expect.stringContaining(url) },
    });
  });

  test('a token speaks for its identity, also at another folder’s commands', async () => {
    const { code, output } = await cli('token', '--as', 'initiator');
    expect(code).toBe(0);
    const env = { COUNTERSIGN_TOKEN: output.trim(), COUNTERSIGN_URL: url };
    expect((await startCommand(['runs', '--json'], env).ended).code).toBe(0);
    const refused = await startCommand(['runs', '--json'], { ...env, COUNTERSIGN_TOKEN: 'not.a.token' }).ended;
    expect(codeOf(refused.output)).toBe('unauthenticated');
  });

  test('an identity that nobody knows gets no token', async () => {
    const { code, output } = await cli('token', '--as', 'mallory', '--json');
    expect(code).toBe(1);
    expect(codeOf(output)).toBe('invalid-request');
  });

  test('run shows the timeline and ends with 0', async () => {
    const { code, output } = await cli(
      'run',
      'invoice-desk',
      '--task',
      'Pay the invoice in message msg-01 of the inbox.',
      '--run-id',
      'one',
      '--json',
    );
    expect(code).toBe(0);
    const events = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['run-started', 'mandate-frozen', 'effect-landed', 'run-closed', 'run']),
    );
    expect(events.at(-1).run).toMatchObject({ runId: 'one', state: 'completed' });
  });

  test('the same run again is the same run, and another task under its id a conflict', async () => {
    const again = await cli(
      'run',
      'invoice-desk',
      '--task',
      'Pay the invoice in message msg-01 of the inbox.',
      '--run-id',
      'one',
      '--no-wait',
      '--json',
    );
    expect(again.code).toBe(0);
    expect(runSchema.parse(JSON.parse(again.output))).toEqual({ runId: 'one', state: 'completed' });
    const other = await cli('run', 'invoice-desk', '--task', 'Something else.', '--run-id', 'one', '--json');
    expect(other.code).toBe(1);
    expect(codeOf(other.output)).toBe('run-conflict');
  });

  test('policy that does not let somebody start a run ends it with 3', async () => {
    const { code, output } = await cli('run', 'invoice-desk', '--task', 'x', '--as', 'auditor', '--json');
    expect(code).toBe(3);
    expect(codeOf(output)).toBe('start-denied');
  });

  test('an agent that does not exist is named so', async () => {
    const { code, output } = await cli('run', 'nobody', '--task', 'x', '--json');
    expect(code).toBe(1);
    expect(codeOf(output)).toBe('agent-not-found');
  });

  test('a run that waits ends with 4, and goes on with what the right person said of exactly that action', async () => {
    const waiting = await cli(
      'run',
      'invoice-desk',
      '--task',
      'Pay the invoice in message msg-04 of the inbox.',
      '--run-id',
      'four',
      '--until-waiting',
      '--json',
    );
    expect(waiting.code).toBe(4);
    const list = await cli('approvals', 'list', '--run', 'four', '--json');
    const [approval] = approvalsSchema.parse(JSON.parse(list.output)).items;
    if (approval === undefined) throw new Error('nothing waits');
    const { approvalId } = approval;

    const shown = await cli('approvals', 'show', approvalId);
    expect(shown.output).toContain(approval.actionDigest);
    expect(shown.output).toContain('payment-above-5000-needs-a-person');

    const byInitiator = await cli('approvals', 'approve', approvalId, '--yes', '--as', 'initiator', '--json');
    expect([byInitiator.code, codeOf(byInitiator.output)]).toEqual([3, 'not-an-approver']);
    const ofAnother = await cli('approvals', 'approve', approvalId, '--digest', `sha256:${'0'.repeat(64)}`, '--json');
    expect([ofAnother.code, codeOf(ofAnother.output)]).toEqual([1, 'digest-mismatch']);

    const said = await cli('runs', 'steer', 'four', '--text', 'Be brief.', '--key', 'once', '--json');
    expect(said.code).toBe(0);
    expect(JSON.parse(said.output)).toMatchObject({
      position: 1,
      text: 'Be brief.',
      by: 'initiator',
      state: 'waiting',
    });
    const again = await cli('runs', 'steer', 'four', '--text', 'Be brief.', '--key', 'once');
    expect(again.output).toContain(JSON.parse(said.output).steerId);
    const bySomebodyElse = await cli('runs', 'steer', 'four', '--text', 'Pay!', '--as', 'admin', '--json');
    expect([bySomebodyElse.code, codeOf(bySomebodyElse.output)]).toEqual([3, 'forbidden']);
    expect((await cli('runs', 'steer', 'four')).code).toBe(2);

    const changed = join(base, 'changed.json');
    await writeFile(changed, JSON.stringify({ ...approval.args, reference: 'As ordered' }));
    const digest = ['--digest', approval.actionDigest];
    const wrong = await cli('approvals', 'edit', approvalId, '--args', join(base, 'none.json'), ...digest);
    expect(wrong.code).toBe(2);
    const edited = await cli('approvals', 'edit', approvalId, '--args', changed, ...digest, '--json');
    expect(edited.code).toBe(0);
    const { approval: superseded } = changeSchema.parse(JSON.parse(edited.output));
    const next = await cli('approvals', 'show', superseded.supersededBy);
    expect(next.output).toMatch(/Changed by approver\n +reference +".+" → "As ordered"/);
    const [nextApproval] = approvalsSchema.parse(
      JSON.parse((await cli('approvals', 'list', '--run', 'four', '--json')).output),
    ).items;
    const nextDigest = ['--digest', nextApproval?.actionDigest ?? ''];
    const own = await cli('approvals', 'approve', superseded.supersededBy, ...nextDigest, '--json');
    expect([own.code, codeOf(own.output)]).toEqual([3, 'self-approval']);

    const rejected = await cli(
      'approvals',
      'reject',
      superseded.supersededBy,
      '--as',
      'approver2',
      ...nextDigest,
      '--reason',
      'Not ordered.',
      '--json',
    );
    expect(rejected.code).toBe(0);
    expect(JSON.parse(rejected.output)).toMatchObject({
      approval: { state: 'rejected', verdicts: [{ by: 'approver2', reason: 'Not ordered.' }] },
    });
    const end = await cli('runs', 'four', '--follow', '--json');
    expect(end.code).toBe(0);
    expect(end.output).not.toMatch(/"event":"effect-landed"[^\n]*schedule_payment/);
    const [kept, keys] = [join(base, 'receipt.json'), join(base, 'keys.json')];
    expect((await cli('approvals', 'receipt', superseded.supersededBy, '--out', kept)).code).toBe(0);
    await writeFile(keys, (await cli('keys')).output);
    const alone = await startCommand(['approvals', 'verify', kept]).ended;
    expect([alone.code, alone.output]).toEqual([0, expect.stringContaining('The keys come from the file itself')]);
    const trusted = await startCommand(['approvals', 'verify', kept, '--keys', keys, '--json']).ended;
    expect([trusted.code, JSON.parse(trusted.output)]).toEqual([
      0,
      expect.objectContaining({
        verified: true,
        trust: 'given',
        approvalId: superseded.supersededBy,
        state: 'rejected',
      }),
    ]);
    await writeFile(kept, (await readFile(kept, 'utf8')).replace('Not ordered.', 'Not needed.'));
    expect((await startCommand(['approvals', 'verify', kept, '--keys', keys, '--json']).ended).code).toBe(1);
    expect((await startCommand(['approvals', 'verify', join(base, 'nothing'), '--json']).ended).code).toBe(2);
    const tooLate = await cli('runs', 'steer', 'four', '--text', 'Wait!', '--json');
    expect([tooLate.code, codeOf(tooLate.output)]).toEqual([1, 'run-closed']);
    const late = await cli('approvals', 'approve', approvalId, '--digest', approval.actionDigest, '--json');
    expect(codeOf(late.output)).toBe('approval-closed');
  });

  test('runs lists what there was, in words and as JSON', async () => {
    const { output } = await cli('runs');
    expect(output).toMatch(/^RUN +AGENT/);
    expect(output).toMatch(/^one +invoice-desk@1 +completed/m);
    const json = JSON.parse((await cli('runs', '--json')).output);
    expect(json.items.map(({ runId }: { runId: string }) => runId).sort()).toEqual(['four', 'one']);
  });

  test('delegations are added, listed and ended, in words and as JSON', async () => {
    const added = await cli('delegations', 'add', 'lead', '--role', 'approver', '--for', '7d', '--reason', 'Away.');
    expect(added).toMatchObject({ code: 0, output: expect.stringMatching(/lead may answer for you until/) });
    const id = /dlg_[0-9a-f]{32}/.exec(added.output)?.[0] ?? expect.fail('no id was told');
    const listed = await cli('delegations', 'list', '--as', 'lead', '--json');
    expect(JSON.parse(listed.output)).toMatchObject({
      items: [{ delegationId: id, from: 'approver', to: 'lead', roles: ['approver'], inForce: true, reason: 'Away.' }],
    });
    expect((await cli('delegations')).output).toMatch(/dlg_.*approver.*lead.*ends in 6 d/);
    expect(codeOf((await cli('delegations', 'end', id, '--as', 'lead', '--json')).output)).toBe('forbidden');
    const ended = await cli('delegations', 'end', id, '--as', 'admin', '--json');
    expect(JSON.parse(ended.output)).toMatchObject({ state: 'ended', endedBy: 'admin' });
    const all = await cli('delegations', 'list', '--all', '--as', 'admin');
    expect(all).toMatchObject({ code: 0, output: expect.stringMatching(/ended just now/) });
  });

  test('the doctor finds the server, and everything in order', async () => {
    const { code, output } = await cli('doctor', '--json', '--agents', agents);
    const { findings } = JSON.parse(output);
    expect(findings.filter(({ state }: { state: string }) => state === 'fail')).toEqual([]);
    expect(code).toBe(0);
    const folder = findings.find(({ name }: { name: string }) => name === 'Data folder');
    expect(folder.text).toContain(url);
  });

  test('an interruption ends the watching and not the run', async () => {
    const watching = startCommand([
      'run',
      'invoice-desk',
      '--task',
      'Pay the invoice in message msg-12 of the inbox.',
      '--run-id',
      'twelve',
      '--json',
      '--data',
      data,
    ]);
    await watching.event('approval-opened');
    watching.child.kill('SIGINT');
    expect((await watching.ended).code).toBe(130);
    const { output } = await cli('runs', 'twelve', '--json');
    expect(runSchema.parse(JSON.parse(output)).state).toBe('waiting');
  });

  test('several approvals are answered together: each is shown with its digest, and one that was refused ends with 1', async () => {
    const task = 'Pay the invoice in message msg-04 of the inbox.';
    await cli('run', 'invoice-desk', '--task', task, '--run-id', 'again', '--until-waiting');
    const waiting = await Promise.all(
      ['twelve', 'again', 'four'].map(async (runId) => {
        const { output } = await cli('approvals', 'list', '--all', '--run', runId, '--json');
        return approvalsSchema.parse(JSON.parse(output)).items[0] ?? expect.fail(`nothing was asked in ${runId}`);
      }),
    );
    const ids = waiting.map(({ approvalId }) => approvalId);
    expect((await cli('approvals', 'reject', ...ids)).code).toBe(2);
    expect((await cli('approvals', 'reject', ...ids, '--digest', waiting[0]?.actionDigest ?? '')).code).toBe(2);
    expect((await cli('approvals', 'reject', ...ids, ids[0] ?? '', '--yes')).code).toBe(2);
    const answered = await cli('approvals', 'reject', ...ids, '--yes', '--json');
    expect([answered.code, JSON.parse(answered.output).items]).toEqual([
      1,
      [
        { approvalId: ids[0], verdictId: expect.any(String) },
        { approvalId: ids[1], verdictId: expect.any(String) },
        { approvalId: ids[2], problem: expect.objectContaining({ code: 'self-approval' }) },
      ],
    ]);
    const again = await cli('approvals', 'reject', ...ids.slice(0, 2), '--yes');
    expect(again.code).toBe(0);
    for (const { approvalId, actionDigest } of waiting.slice(0, 2)) {
      expect(again.output).toContain(actionDigest);
      expect(again.output).toMatch(new RegExp(`✓ ${approvalId} +sha256:[0-9a-f]{16} +stored and signed`));
    }
  });
});
