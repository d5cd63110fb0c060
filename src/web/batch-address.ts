import { maxBatchItems } from '../contracts/http/batch.schema.ts';
import { type ErrorCode, isErrorCode } from '../domain/error-registry.ts';

const approvalForm = /^apr_[0-9a-f]{32}$/;

/** An answer that was sent, and the code with which it was refused where it was. */
export interface SentAnswer {
  readonly approvalId: string;
  readonly refused?: ErrorCode;
}

/** The page on which everything like this approval is answered together. */
export function batchAddress(approvalId: string): string {
  return `/approvals/batch?like=${approvalId}`;
}

/** Where it stands what became of answers: reading it again sends nothing again. */
export function sentAddress(like: string, sent: readonly SentAnswer[]): string {
  const told = sent.map(({ approvalId, refused }) => (refused === undefined ? approvalId : `${approvalId}.${refused}`));
  return `/approvals/batch/sent?${new URLSearchParams({ like, told: told.join(',') }).toString()}`;
}

/** Empty for an id of another form: nothing is like it. */
export function likeIn(query: Readonly<Record<string, string>>): string {
  const like = query['like'] ?? '';
  return approvalForm.test(like) ? like : '';
}

/** Anybody can write an address, so it says which answers to look for, and of an answer that was stored nothing at all. */
export function sentIn(query: Readonly<Record<string, string>>): readonly SentAnswer[] {
  const told = (query['told'] ?? '').split(',').slice(0, maxBatchItems);
  return told.flatMap((text) => {
    const [approvalId = '', code] = text.split('.');
    if (!approvalForm.test(approvalId)) return [];
    return [{ approvalId, ...(isErrorCode(code) && { refused: code }) }];
  });
}
