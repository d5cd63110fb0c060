import { type EditVerdict, isEdit } from '../domain/approval.ts';
import { authorityOf } from '../domain/counted-rights.ts';
import type { JsonObject } from '../domain/json.ts';
import type { ApprovalStore } from '../ports/approval-store.port.ts';
import type { KeyService } from '../ports/key-service.port.ts';
import { type Digest, digestOf } from './digest.ts';
import { isSignedVerdict } from './signed-verdicts.ts';

/** What a person who edits signs: the tool and its arguments, whichever call, envelope or approval they turn up in. */
export function editDigest(tool: string, args: JsonObject): Digest {
  return digestOf('edit', { tool, args });
}

/**
 * Signed edits of this run that wrote exactly these bytes, oldest first. No row and no envelope is believed about who
 * wrote what: only signatures are, also of edits that were taken back, or that nobody followed.
 */
export async function editsThatWrote(
  { approvals, keys }: { readonly approvals: Pick<ApprovalStore, 'edits'>; readonly keys: Pick<KeyService, 'verify'> },
  run: { readonly tenant: string; readonly runId: string },
  tool: string,
  args: JsonObject,
): Promise<readonly EditVerdict[]> {
  const stored = await approvals.edits(run.tenant, run.runId);
  if (stored.length === 0) return [];
  const digest = editDigest(tool, args);
  const genuine = await Promise.all(
    stored.map(async (signed) => {
      const { verdict } = signed;
      if (!isEdit(verdict) || verdict.edit.digest !== digest || verdict.tenant !== run.tenant) return [];
      return (await isSignedVerdict(keys, signed)) ? [verdict] : [];
    }),
  );
  return genuine.flat();
}

/** Whoever wrote, and whoever lent him the right to: it was used for this edit. */
export function editorsIn(edits: readonly EditVerdict[]): readonly string[] {
  return [...new Set(edits.flatMap((edit) => [edit.approver, authorityOf(edit)]))];
}
