import { maxBatchItems } from '../contracts/http/batch.schema.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Form } from './form.ts';

const idForm = /^apr_[0-9a-f]{32}$/;
const answerForm = /^(approve|reject) (sha256:[0-9a-f]{64})$/;

/** What a choice sends: the answer, and the digest of the action beside which it stood. Empty: left open. */
export function choiceValue(verdict: 'approve' | 'reject', actionDigest: string): string {
  return `${verdict} ${actionDigest}`;
}

/** The chosen answers as the API takes them; the reason goes with rejections only. A field of another form is no choice. */
export function itemsOf(form: Form): JsonObject[] {
  const reason = form.field('reason')?.trim() ?? '';
  const named = form.names.filter((name) => idForm.test(name)).slice(0, maxBatchItems + 1);
  return named.flatMap((approvalId) => {
    const [, verdict, actionDigest] = answerForm.exec(form.field(approvalId) ?? '') ?? [];
    if (verdict === undefined || actionDigest === undefined) return [];
    return [{ approvalId, verdict, actionDigest, ...(verdict === 'reject' && reason !== '' && { reason }) }];
  });
}
