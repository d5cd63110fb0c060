import { type PublicKeysView, type Receipt, receiptPurposes } from '../../contracts/http/receipt.schema.ts';
import { canonicalJson } from '../../digest/canonical-json.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { ApprovalRow, ApprovalStore, StoredVerdict } from '../../ports/approval-store.port.ts';
import type { BlobStore } from '../../ports/blob-store.port.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { DelegationStore } from '../../ports/delegation-store.port.ts';
import type { KeyService, PublicKeys } from '../../ports/key-service.port.ts';
import type { PasskeyStore } from '../../ports/passkey-store.port.ts';
import { passkeysOfVerdicts } from './passkeys-of-verdicts.ts';
import { readEnvelope, readSheet } from './stored-action.ts';

export interface ReceiptDependencies {
  readonly approvals: ApprovalStore;
  readonly delegations: Pick<DelegationStore, 'find'>;
  readonly blobs: BlobStore;
  readonly keys: KeyService & PublicKeys;
  readonly passkeys: Pick<PasskeyStore, 'find'>;
  readonly clock: Clock;
}

/** Every public key that receipts are checked with; rotated ones stay. */
export async function publicKeysView(keys: PublicKeys): Promise<PublicKeysView> {
  const byPurpose = await Promise.all(
    receiptPurposes.map(async (purpose) => (await keys.publicKeys(purpose)).map((key) => ({ ...key, purpose }))),
  );
  return { keys: byPurpose.flat() };
}

/**
 * The approval with its signed verdicts, and all that is needed to check them elsewhere: envelope and sheet as stored,
 * and public keys. Sealed as a whole, since states and times stand in no verdict.
 */
export async function approvalReceipt(dependencies: ReceiptDependencies, row: ApprovalRow): Promise<Receipt> {
  const { approvals, blobs, keys, clock } = dependencies;
  const [envelope, sheet, stored, withdrawn, { keys: publicKeys }] = await Promise.all([
    readEnvelope(blobs, row),
    readSheet(blobs, row),
    approvals.verdicts(row.tenant, row.approvalId),
    approvals.withdrawnVerdicts(row.tenant, row.approvalId),
    publicKeysView(keys),
  ]);
  const answers = [...stored, ...withdrawn].map(({ signed }) => signed);
  const passkeys = await passkeysOfVerdicts(dependencies.passkeys, row.tenant, answers);
  const delegations = await delegationsOf(dependencies, stored);
  const { approvalId, tenant, runId, agent, callId, kind, tool, state, actionDigest, renderHash } = row;
  const { requirement, initiator, ownerGroup, createdAt, expiresAt, closedAt, supersededBy } = row;
  const body = {
    kind: 'countersign-receipt',
    v: 1,
    issuedAt: isoTime(clock),
    approval: {
      approvalId,
      tenant,
      runId,
      agent,
      callId,
      kind,
      tool,
      state,
      actionDigest,
      renderHash,
      reasons: row.reasons.map(({ rule, message }) => ({ rule, message })),
      requirement,
      initiator,
      ownerGroup,
      createdAt,
      expiresAt,
      ...(closedAt !== undefined && { closedAt }),
      ...(supersededBy !== undefined && { supersededBy }),
    },
    envelope,
    sheet,
    verdicts: stored.map(({ signed }) => signed),
    ...(delegations.length > 0 && { delegations }),
    ...(withdrawn.length > 0 && {
      withdrawnVerdicts: withdrawn.map(({ signed, withdrawn: word }) => ({ ...signed, withdrawn: word })),
    }),
    keys: publicKeys,
    ...(passkeys.length > 0 && { passkeys }),
  } as const;
  // As it will be read: without what is undefined, and every list a list of its own.
  const plain = JSON.parse(JSON.stringify(body)) as Omit<Receipt, 'seal'>;
  const { keyId, signature } = await keys.sign('receipt', canonicalJson(plain as object as JsonObject));
  return { ...plain, seal: { keyId, signature } };
}

/** The documents that verdicts name. One that is gone is left out, and its verdict does not verify without it. */
async function delegationsOf({ delegations }: ReceiptDependencies, verdicts: readonly StoredVerdict[]) {
  const named = new Map(
    verdicts.flatMap(({ signed: { verdict } }) =>
      verdict.delegation === undefined ? [] : [[verdict.delegation.delegationId, verdict.tenant] as const],
    ),
  );
  const rows = await Promise.all([...named].map(([delegationId, tenant]) => delegations.find(tenant, delegationId)));
  return rows.flatMap((row) =>
    row === undefined ? [] : [{ ...row.signed, ...(row.endedAt !== undefined && { endedAt: row.endedAt }) }],
  );
}
