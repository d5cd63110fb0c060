import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Lend } from '../../src/contracts/http/delegation.schema.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { Directory, Identity } from '../../src/ports/directory.port.ts';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment, asking } from '../support/asked-payment.ts';
import { changingDirectory } from '../support/changing-directory.ts';
import type { Governed, GovernedSettings } from '../support/governed.ts';
import { keepInstallation } from '../support/keep-installation.ts';
import { mandate, scripted } from '../support/scripted-model.ts';

const script = scripted(mandate({ pay: 1 }), [call('desk__pay', { amount: 12 }), say('Done.')]);

const { keep } = keepInstallation();

/** A run that waits for people; `lead` does not hold the role that it asks for. */
async function waitingRun(settings: Partial<GovernedSettings> = {}) {
  const { at, initiator, approval } = await askedPayment({ script, ...settings }, keep);
  const { approvalId, actionDigest } = approval;
  const approve = async (subject: string) =>
    (await at.as(subject)).approvals.decide(approvalId, { verdict: 'approve', actionDigest });
  const lend = async (from: string, wanted: Partial<Lend> = {}) =>
    (await at.as(from)).delegations.lend({ to: 'lead', roles: ['approver'], ends: inMinutes(60), ...wanted });
  const stateNow = async () => (await initiator.approvals.get(approvalId)).state;
  return { at, initiator, approvalId, approve, lend, stateNow };
}

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

describe('a delegate', () => {
  test('approves in his own name, and the effect happens once', async () => {
    const { at, initiator, approvalId, approve, lend } = await waitingRun();
    await expect(approve('lead')).rejects.toMatchObject({ code: 'not-an-approver' });
    const { delegationId } = await lend('approver');
    await approve('lead');
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toHaveLength(1);
    const { state, verdicts } = await initiator.approvals.get(approvalId);
    expect({ state, verdicts }).toMatchObject({
      state: 'consumed',
      verdicts: [{ by: 'lead', delegation: { delegationId, from: 'approver' } }],
    });
  });

  test('and his lender, or another delegate of his, do not make a quorum of two', async () => {
    const { at, initiator, approve, lend, stateNow } = await waitingRun({ policy: asking('5m', { quorum: 2 }) });
    await lend('approver');
    await lend('approver', { to: 'auditor' });
    await approve('lead');
    await approve('auditor');
    await approve('approver');
    await initiator.runs.steer(at.runId, 'Is somebody there?');
    expect(await stateNow()).toBe('pending');
    await approve('approver2');
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toHaveLength(1);
  });

  test('of the initiator cannot answer for him', async () => {
    const directory = changingDirectory();
    directory.change('initiator', { roles: ['initiator', 'approver'], groups: [] });
    const { at, approve, lend, initiator, stateNow } = await waitingRun({ directory });
    await lend('initiator');
    await expect(approve('lead')).rejects.toMatchObject({ code: 'not-an-approver', status: 403 });
    expect(await stateNow()).toBe('pending');
    await approve('approver');
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toHaveLength(1);
  });
});

describe('a delegate’s verdict counts no longer', () => {
  test.each<[string, Partial<Identity> | 'gone' | 'ended by the lender' | 'ended by an administrator']>([
    ['when the lender has ended it since', 'ended by the lender'],
    ['when an administrator has ended it since', 'ended by an administrator'],
    ['when the lender has lost the role since', { roles: ['initiator'] }],
    ['when the lender has joined the team that owns the agent', { groups: ['test-team'] }],
    ['when the lender is not there any more', 'gone'],
  ])('%s, and the question ends unanswered', async (_, change) => {
    const directory = changingDirectory();
    const { at, initiator, approve, lend, stateNow } = await waitingRun({ policy: asking('8s'), directory });
    const { delegationId } = await lend('approver');
    await at.stopWorker();
    await approve('lead');
    if (change === 'ended by the lender') await (await at.as('approver')).delegations.end(delegationId);
    else if (change === 'ended by an administrator') await (await at.as('admin')).delegations.end(delegationId);
    else directory.change('approver', change);
    await at.startWorker();
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toEqual([]);
    expect(await stateNow()).toBe('expired');
  });

  test('when the delegation is past its end by then', async () => {
    const { at, initiator, approve, lend, stateNow } = await waitingRun({ policy: asking('12s') });
    await at.stopWorker();
    const ends = Date.now() + 2_000;
    await lend('approver', { ends: new Date(ends).toISOString() });
    await approve('lead');
    await pause(ends - Date.now());
    await at.startWorker();
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toEqual([]);
    expect(await stateNow()).toBe('expired');
  });

  test('when the delegation is ended between the gate and the effect', async () => {
    const known = changingDirectory();
    const opened: { at?: Governed; approvalId?: string; delegationId?: string } = {};
    const ending: Directory = {
      ...known,
      async find(subject) {
        const { at, approvalId = '', delegationId = '' } = opened;
        const { approvals, delegations } = at?.records.storage ?? {};
        const row = await approvals?.find('default', approvalId);
        const lent = row?.state === 'approved' ? await delegations?.find('default', delegationId) : undefined;
        if (lent?.state === 'active') {
          const now = new Date().toISOString();
          const { from, to, roles, begins, ends } = lent.signed.delegation;
          const facts = { delegationId, from, to, roles, begins, ends, by: from };
          const record = recordOf('delegation-ended', { tenant: 'default', runId: '' }, delegationId, now, facts);
          await delegations?.end(lent.signed, { by: from, at: now }, record);
        }
        return known.find(subject);
      },
    };
    const { at, initiator, approvalId, approve, lend, stateNow } = await waitingRun({ directory: ending });
    const { delegationId } = await lend('approver');
    await approve('lead').then(() => Object.assign(opened, { at, approvalId, delegationId }));
    expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
    expect(at.server.calls).toEqual([]);
    expect(await stateNow()).not.toBe('consumed');
  });
});
