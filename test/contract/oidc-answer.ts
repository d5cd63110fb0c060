import { expect } from 'vitest';
import type { ApprovalRow } from '../../src/ports/approval-store.port.ts';
import type { OidcVisitor } from './oidc-visitor.ts';

export async function pageOf(visitor: OidcVisitor, path: string): Promise<string> {
  return (await visitor.send(path, { headers: { accept: 'text/html' } })).text();
}

const fieldIn = (page: string, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(page)?.[1] ?? '';

/** Presses a button of the page, as a browser sends the form. */
export async function press(visitor: OidcVisitor, row: ApprovalRow, fields: Readonly<Record<string, string>>) {
  const page = await pageOf(visitor, `/approvals/${row.approvalId}`);
  const body = new URLSearchParams({
    csrf: fieldIn(page, 'csrf'),
    actionDigest: fieldIn(page, 'actionDigest') || row.actionDigest,
    ...fields,
  });
  const headers = { 'sec-fetch-site': 'same-origin' };
  return visitor.send(`/approvals/${row.approvalId}/reauthentications`, { method: 'POST', body, headers });
}

/** To the provider's pages, where a page of ours leads. */
export async function addressIn(answer: Response): Promise<string> {
  const page = await answer.text();
  expect(answer.status).toBe(200);
  return (/content="0;url=([^"]+)"/.exec(page)?.[1] ?? '').replaceAll('&amp;', '&');
}
