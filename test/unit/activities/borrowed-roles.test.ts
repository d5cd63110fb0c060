import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifiedVerdicts } from '../../../activities/verified-verdicts.ts';
import { createWebauthnVerifier } from '../../../src/adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { canonicalJson } from '../../../src/digest/canonical-json.ts';
import { delegationText } from '../../../src/digest/delegations.ts';
import type { Verdict } from '../../../src/domain/approval.ts';
import type { Delegation } from '../../../src/domain/delegation.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ApprovalRow } from '../../../src/ports/approval-store.port.ts';
import type { DelegationRow } from '../../../src/ports/delegation-store.port.ts';
import type { Identity } from '../../../src/ports/directory.port.ts';
import type { SigningPurpose } from '../../../src/ports/key-service.port.ts';
import { noReauthentication } from '../../../src/ports/reauthentication-verifier.port.ts';
import { changingDirectory } from '../../support/changing-directory.ts';
import { manualClock } from '../api/manual-clock.ts';
import { approvalOf, at, later, type OpenedStorage, openStorage, verdictOf } from '../storage/storage-fixture.ts';

let storage: OpenedStorage;
beforeAll(async () => {
  storage = await openStorage();
}, 60_000);
afterAll(() => storage.end());

const delegationId = `dlg_${'a'.repeat(32)}`;
const honest: Delegation = {
  v: 1,
  delegationId,
  tenant: 'default',
  from: 'approver',
  to: 'lead',
  roles: ['approver'],
  begins: later(-60),
  ends: later(600),
  reason: '',
  at: later(-60),
};
const asked: ApprovalRow = approvalOf('run-1');

interface Case {
  /** What the row holds instead of the honest document. */
  readonly delegation?: Partial<Delegation>;
  readonly signedAs?: SigningPurpose | 'nobody';
  readonly signedBefore?: 'change';
  readonly row?: 'ended' | 'missing';
  readonly verdict?: Partial<Verdict>;
  readonly approval?: Partial<ApprovalRow>;
  readonly stepUp?: true;
  readonly editors?: readonly string[];
  readonly lender?: Partial<Identity> | 'gone';
  readonly delegate?: Partial<Identity> | 'gone';
  readonly now?: string;
}

/** Whether the verdict of `lead`, who answers for `approver`, counts when it is consumed. */
async function counts(given: Case): Promise<boolean> {
  const { signedAs = 'delegation', signedBefore, now = later(1) } = given;
  const approval = { ...asked, ...given.approval };
  const document = { ...honest, ...given.delegation };
  const signed = signedBefore === undefined ? document : honest;
  const signature =
    signedAs === 'nobody'
      ? { keyId: 'none', signature: '' }
      : await storage.keys.sign(signedAs, delegationText(signed));
  const state = given.row === 'ended' ? 'ended' : 'active';
  const row: DelegationRow = { signed: { delegation: document, ...signature }, state };
  const directory = changingDirectory();
  if (given.lender !== undefined) directory.change('approver', given.lender);
  if (given.delegate !== undefined) directory.change('lead', given.delegate);
  const verdict: Verdict = {
    ...verdictOf(approval, 'lead', `vrd_${'1'.repeat(32)}`).verdict,
    at,
    roles: ['approver'],
    delegation: { delegationId, from: 'approver' },
    ...given.verdict,
  };
  const answer = { verdict, ...(await storage.keys.sign('verdict', canonicalJson(verdict as object as JsonObject))) };
  const requirement = { ...approval.requirement, ...(given.stepUp && { stepUp: true }) };
  const held = await verifiedVerdicts(
    {
      keys: storage.keys,
      passkeys: storage.passkeys,
      passkeyVerifier: createWebauthnVerifier(),
      reauthentication: noReauthentication,
      delegations: { find: async () => (given.row === 'missing' ? undefined : row) },
      directory,
      clock: manualClock(Date.parse(now)),
    },
    { approval, answers: [answer], editors: given.editors ?? [] },
    requirement,
  );
  return held.length === 1;
}

describe('a verdict with a lent right', () => {
  test('counts where all of it holds', async () => {
    expect(await counts({})).toBe(true);
  });

  test.each<[string, Case]>([
    ['nobody signed the delegation', { signedAs: 'nobody' }],
    ['it was signed as something else', { signedAs: 'verdict' }],
    ['its end was moved after it was signed', { signedBefore: 'change', delegation: { ends: later(9_999) } }],
    ['roles were added after it was signed', { signedBefore: 'change', delegation: { roles: ['approver', 'lead'] } }],
    ['another delegation lies under its id', { delegation: { delegationId: `dlg_${'b'.repeat(32)}` } }],
    ['it is of another tenant', { delegation: { tenant: 'other' } }],
    ['it was lent to somebody else', { delegation: { to: 'auditor' } }],
    ['it was lent by somebody else', { delegation: { from: 'approver2' } }],
    ['the verdict names another lender', { verdict: { delegation: { delegationId, from: 'approver2' } } }],
    [
      'somebody lent to himself',
      { delegation: { from: 'lead' }, verdict: { delegation: { delegationId, from: 'lead' } } },
    ],
    ['it is not there', { row: 'missing' }],
    ['it was ended', { row: 'ended' }],
    ['the verdict came before it began', { delegation: { begins: later(0.001) } }],
    ['the verdict came at its end', { delegation: { ends: at }, now: later(-1) }],
    ['it is past its end by now', { now: later(600) }],
    ['its times cannot be read', { delegation: { ends: 'never' } }],
    ['the role was not lent', { delegation: { roles: ['lead'] } }],
    ['the verdict does not say that the role counted', { verdict: { roles: ['lead'] } }],
    ['policy asks for a step-up', { stepUp: true }],
    ['the lender does not hold the role any more', { lender: { roles: ['initiator'] } }],
    ['the lender belongs to another tenant', { lender: { tenant: 'other' } }],
    ['the lender is not known any more', { lender: 'gone' }],
    ['the lender started the run', { approval: { initiator: 'approver' } }],
    ['the lender owns the agent', { lender: { groups: [asked.ownerGroup] } }],
    ['the lender wrote the arguments', { editors: ['approver'] }],
    ['the delegate started the run', { approval: { initiator: 'lead' } }],
    ['the delegate owns the agent', { delegate: { groups: [asked.ownerGroup] } }],
    ['the delegate wrote the arguments', { editors: ['lead'] }],
    ['the delegate is not known any more', { delegate: 'gone' }],
  ])('does not count where %s', async (_, given) => {
    expect(await counts(given)).toBe(false);
  });

  test('counts for no role that cannot be lent, whoever holds it', async () => {
    const requirement = { ...asked.requirement, roles: ['admin'] };
    const given: Case = {
      delegation: { roles: ['admin'] },
      verdict: { roles: ['admin'] },
      approval: { requirement },
      lender: { roles: ['admin'] },
    };
    expect(await counts(given)).toBe(false);
  });
});
