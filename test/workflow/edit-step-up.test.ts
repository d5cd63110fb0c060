import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/digest/canonical-json.ts';
import { stepUpChallenge } from '../../src/digest/passkey-digests.ts';
import type { Verdict } from '../../src/domain/approval.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import { call, say } from '../fakes/openai-host.ts';
import { askedPayment, asking, pay } from '../support/asked-payment.ts';
import { eventually } from '../support/eventually.ts';
import type { Governed } from '../support/governed.ts';
import { heldPasskey } from '../support/held-passkey.ts';
import { keepInstallation } from '../support/keep-installation.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import type { SoftwareAuthenticator } from '../support/software-authenticator.ts';

const { keep } = keepInstallation();

const script = scripted(mandate({ pay: 2 }), [call('desk__pay', { amount: 120 }), say('Done.')]);

async function waitingRun() {
  return askedPayment({ tools: [pay], policy: asking('5m', { stepUp: true }), script }, keep);
}

type Answer = { readonly verdict: 'approve' | 'edit'; readonly actionDigest: string; readonly args?: JsonObject };

/** As the page does it: the session asks for a challenge, the passkey signs it, and the answer goes with the proof. */
async function answerWith(at: Governed, subject: string, device: SoftwareAuthenticator, id: string, answer: Answer) {
  const { sessions, approvals } = at.api.services;
  const { session } = await sessions.logIn(subject, new Request(`${at.api.url}/login`));
  const identity = sessions.offered().find((offered) => offered.subject === subject);
  if (identity === undefined) throw new Error(`nobody is called ${subject}`);
  const principal = { identity, authentication: 'session', session: session.idHash } as const;
  const { challengeId, publicKey } = await approvals.challengeVerdict(principal, id, { kind: 'json', value: answer });
  const assertion = device.assert(String(publicKey['challenge']), { origin: at.api.url });
  const value = { ...answer, stepUp: { challengeId, ...assertion } };
  return approvals.giveVerdict(principal, id, { kind: 'json', value });
}

test('an edit that a passkey signed is followed, and what it asks needs somebody else’s passkey', async () => {
  const { at, initiator, approval } = await waitingRun();
  const { passkeys } = at.records.storage;
  const [own, second] = [await heldPasskey(passkeys), await heldPasskey(passkeys, { subject: 'approver2' })];
  const { approvalId, actionDigest } = approval;
  await answerWith(at, 'approver', own, approvalId, { verdict: 'edit', actionDigest, args: { amount: 90 } });
  const next = await eventually(async () => {
    const { supersededBy } = await initiator.approvals.get(approvalId);
    return supersededBy === undefined ? undefined : initiator.approvals.get(supersededBy);
  }, 'the question about the edit');
  const answer = { verdict: 'approve', actionDigest: next.actionDigest } as const;
  await expect((await at.as('approver2')).approvals.decide(next.approvalId, answer)).rejects.toMatchObject({
    code: 'step-up-required',
  });
  expect(at.server.calls).toEqual([]);
  await answerWith(at, 'approver2', second, next.approvalId, answer);
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 90 }]);
});

test('an edit that was changed after the passkey signed it is not followed, though the API’s key signed it', async () => {
  const { at, initiator, approval } = await waitingRun();
  const { passkeys, approvals } = at.records.storage;
  const [own, second] = [await heldPasskey(passkeys), await heldPasskey(passkeys, { subject: 'approver2' })];
  const row = await approvals.find('default', approval.approvalId);
  if (row === undefined) throw new Error('the approval is gone');
  const { approvalId, tenant, actionDigest, renderHash, callId, requirement, tool, envelopeRef } = row;
  const argsRef = await at.records.blobs.put('default', 'edit', { amount: 1 });
  const honest: Verdict = {
    v: 1,
    verdictId: `vrd_${'1'.repeat(32)}`,
    approvalId,
    tenant,
    actionDigest,
    renderHash,
    verdict: 'edit',
    approver: 'approver',
    roles: ['approver'],
    groups: [],
    acr: 'passkey',
    nonce: 'nonce-of-the-forger',
    at: new Date().toISOString(),
    reason: '',
    edit: { callId, argsRef, digest: `sha256:${'0'.repeat(64)}`, requirement },
  };
  const changed = { callId, argsRef, digest: `sha256:${'1'.repeat(64)}`, requirement };
  const verdict = { ...honest, edit: changed, assertion: own.assert(stepUpChallenge(honest)) };
  const signed = {
    verdict,
    ...(await at.records.keys.sign('verdict', canonicalJson(verdict as object as JsonObject))),
  };
  const { verdictId, at: time } = verdict;
  const body = {
    approvalId,
    verdictId,
    by: 'approver',
    verdict: 'edit',
    callId,
    tool,
    envelopeRef,
    actionDigest,
  } as const;
  expect(await approvals.storeVerdict(signed, time, recordOf('verdict-given', row, verdictId, time, body))).toBe(
    'stored',
  );
  await answerWith(at, 'approver2', second, approvalId, { verdict: 'approve', actionDigest });
  expect(await initiator.runs.wait(at.runId)).toMatchObject({ state: 'completed' });
  expect(await initiator.approvals.get(approvalId)).toMatchObject({ state: 'consumed' });
  expect(at.server.calls.map(({ args }) => args)).toEqual([{ amount: 120 }]);
});
