import { setTimeout as delay } from 'node:timers/promises';
import { CountersignApiError } from '../../client/api-error.ts';
import type { CountersignClient } from '../../client/create-client.ts';

/** Long enough to be seen in the terminal and the inbox. */
const lookMs = 1_000;
const identity = 'approver';

/**
 * Approves one action as anybody would: reads the approval over the API and sends back the digest of what it saw.
 * It has no other rights than the identity `approver`; an approval that is closed or answered is left alone.
 */
export async function approveAsScripted(
  client: CountersignClient,
  approvalId: string,
  signal: AbortSignal,
): Promise<void> {
  await delay(lookMs, undefined, { signal });
  const seen = await client.approvals.get(approvalId, { signal });
  if (seen.state !== 'pending' || seen.verdicts.some(({ by }) => by === identity)) return;
  const verdict = {
    verdict: 'approve',
    actionDigest: seen.actionDigest,
    reason: 'Given by the demo’s scripted approver.',
  } as const;
  await client.approvals.decide(approvalId, verdict, { signal }).catch((error: unknown) => {
    // somebody was quicker in the browser
    const isTooLate =
      error instanceof CountersignApiError && ['approval-closed', 'already-decided'].includes(error.code);
    if (!isTooLate) throw error;
  });
}
