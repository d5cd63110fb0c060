import { createHash } from 'node:crypto';
import { type PublicKeysView, type Receipt, receiptSchema } from '../../contracts/http/receipt.schema.ts';
import { canonicalJson } from '../../digest/canonical-json.ts';
import { digestOf } from '../../digest/digest.ts';
import { createPublicVerifier } from '../../digest/verify-signature.ts';
import { objectionTo, tally, type Verdict } from '../../domain/approval.ts';
import { latestOf, rolesAt } from '../../domain/escalation.ts';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { carriedProof } from './carried-proof.ts';
import { checkProofs, type UncheckedSignature } from './check-proofs.ts';
import { delegationsHold, isLenderOpposed } from './verify-lent-rights.ts';

type Keys = PublicKeysView['keys'];

export interface ReceiptCheck {
  readonly name: 'form' | 'seal' | 'digests' | 'bindings' | 'verdicts' | 'proofs' | 'delegations' | 'quorum';
  readonly holds: boolean;
}

export interface CheckedReceipt {
  readonly verified: boolean;
  /** `receipt`: the keys came with what they are to prove. `given`: somebody named them. */
  readonly trust: 'receipt' | 'given';
  readonly checks: readonly ReceiptCheck[];
  /** The keys that were trusted; SHA-256 over the raw public key. */
  readonly keys: readonly { readonly kid: string; readonly purpose: string; readonly fingerprint: string }[];
  /** Under proofs of a step-up: nobody's key for them comes with a receipt, so that they are for whoever has it to check. */
  readonly unchecked: readonly UncheckedSignature[];
  /** Undefined where the file is no receipt. */
  readonly receipt?: Receipt;
}

/** Checks a receipt with public keys alone, offline. A file that is not exactly what was issued does not verify. */
export async function verifyReceipt(text: string, given?: Keys): Promise<CheckedReceipt> {
  const trust = given === undefined ? 'receipt' : 'given';
  const receipt = receiptIn(text);
  if (receipt === undefined)
    return {
      verified: false,
      trust,
      checks: [{ name: 'form', holds: false }],
      keys: (given ?? []).map(fingerprinted),
      unchecked: [],
    };
  const trusted = given ?? receipt.keys;
  const verifier = createPublicVerifier(trusted);
  const { seal, ...sealed } = receipt;
  const { verdicts, withdrawnVerdicts = [] } = receipt;
  const genuine = await Promise.all([
    ...[...verdicts, ...withdrawnVerdicts].map(({ verdict, keyId, signature }) =>
      verifier.verify('verdict', canonicalJson(jsonOf(verdict)), { keyId, signature }),
    ),
    ...withdrawnVerdicts.map(({ withdrawn: { withdrawal, ...signature } }) =>
      verifier.verify('verdict', canonicalJson(jsonOf(withdrawal)), signature),
    ),
  ]);
  const proofs = await checkProofs(receipt);
  const checks: readonly ReceiptCheck[] = [
    { name: 'form', holds: true },
    { name: 'seal', holds: await verifier.verify('receipt', canonicalJson(jsonOf(sealed)), seal) },
    { name: 'digests', holds: digestsHold(receipt) },
    { name: 'bindings', holds: bindingsHold(receipt) },
    { name: 'verdicts', holds: genuine.every(Boolean) },
    { name: 'proofs', holds: proofs.hold },
    { name: 'delegations', holds: await delegationsHold(receipt, verifier) },
    { name: 'quorum', holds: quorumHolds(receipt) },
  ];
  const verified = checks.every(({ holds }) => holds);
  return { verified, trust, checks, keys: trusted.map(fingerprinted), unchecked: proofs.unchecked, receipt };
}

/** A receipt has one spelling, so that there is no byte in it that nobody has signed. */
function receiptIn(text: string): Receipt | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return canonicalJson(value) === text ? receiptSchema.safeParse(value).data : undefined;
  } catch {
    return undefined;
  }
}

function digestsHold({ approval, envelope, sheet }: Receipt): boolean {
  return (
    digestOf('action', jsonOf(envelope)) === approval.actionDigest &&
    digestOf('render', jsonOf(sheet)) === approval.renderHash
  );
}

function bindingsHold({ approval, envelope, sheet, verdicts, withdrawnVerdicts = [] }: Receipt): boolean {
  const isOfAction =
    envelope.tenant === approval.tenant &&
    envelope.runId === approval.runId &&
    envelope.callId === approval.callId &&
    envelope.agent === approval.agent &&
    envelope.kind === approval.kind &&
    envelope.tool === approval.tool &&
    envelope.renderHash === approval.renderHash &&
    sheet.tool === envelope.tool &&
    sheet.agent === envelope.agent &&
    sheet.agentVersion === envelope.agentVersion &&
    sheet.onBehalfOf === envelope.onBehalfOf;
  const isOfApproval = ({ verdict }: Pick<Receipt['verdicts'][number], 'verdict'>) =>
    verdict.approvalId === approval.approvalId &&
    verdict.tenant === approval.tenant &&
    verdict.actionDigest === approval.actionDigest &&
    verdict.renderHash === approval.renderHash &&
    verdict.at <= approval.expiresAt;
  const isTakenBack = ({ verdict, withdrawn: { withdrawal } }: NonNullable<Receipt['withdrawnVerdicts']>[number]) =>
    withdrawal.withdraws === verdict.verdictId &&
    withdrawal.approver === verdict.approver &&
    withdrawal.approvalId === verdict.approvalId &&
    withdrawal.tenant === verdict.tenant &&
    withdrawal.actionDigest === verdict.actionDigest &&
    withdrawal.at >= verdict.at &&
    !verdicts.some((standing) => standing.verdict.verdictId === verdict.verdictId);
  return isOfAction && [...verdicts, ...withdrawnVerdicts].every(isOfApproval) && withdrawnVerdicts.every(isTakenBack);
}

/** Whether the people who answered, by the roles they held and that were asked then, lead where the receipt says the approval went. */
function quorumHolds({ approval, envelope, verdicts }: Receipt): boolean {
  const { requirement, initiator, ownerGroup, state } = approval;
  const editors = envelope.edited === undefined ? [] : [envelope.edited.by];
  const openedAt = latestOf(approval.createdAt, envelope.createdAt);
  const counting = verdicts.flatMap(({ verdict }): Verdict[] => {
    const { approver, roles, groups, at } = verdict;
    const duties = { initiator, ownerGroup, editors };
    const asked = rolesAt(requirement, openedAt, at);
    const isOpposed =
      objectionTo({ subject: approver, roles, groups }, asked, duties) !== undefined ||
      isLenderOpposed(verdict, { ...requirement, roles: asked }, duties);
    const lacksStepUp = requirement.stepUp && carriedProof(verdict) === undefined;
    return isOpposed || lacksStepUp ? [] : [verdict as Verdict];
  });
  const reached = tally(counting, requirement.quorum);
  switch (state) {
    case 'approved':
    case 'consumed':
      return reached === 'approved';
    case 'rejected':
      return reached === 'rejected';
    case 'pending':
    case 'expired':
    case 'withdrawn':
    case 'superseded':
      return true;
    default:
      return state satisfies never;
  }
}

function fingerprinted({ kid, purpose, x }: Keys[number]): CheckedReceipt['keys'][number] {
  const fingerprint = `sha256:${createHash('sha256').update(Buffer.from(x, 'base64url')).digest('hex')}`;
  return { kid, purpose, fingerprint };
}

const jsonOf = (value: object): JsonObject => value as JsonObject;
