import { startChild } from '../child-process.ts';
import { median, quantile } from '../statistics.ts';
import type { InboxSite, OpenedApproval } from './inbox-site.process.ts';
import { openInboxStream, signIn } from './inbox-visitor.ts';

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

export interface InboxMeasurement {
  /** Approvals that wait while it is measured. */
  readonly waiting: number;
  /** Milliseconds from the request to the first byte of its answer: first page, filters and a later page in turn. */
  readonly inboxMs: Percentiles;
  /** The same of the pages of single approvals. */
  readonly approvalMs: Percentiles;
  /** Milliseconds from the beginning of an opening until the last of the open inboxes has been told. */
  readonly liveMs: Percentiles & { readonly highest: number };
  readonly openInboxes: number;
}

export interface InboxPlan {
  readonly waiting: number;
  readonly requests: number;
  readonly openings: number;
  readonly openInboxes: number;
}

export const fullInboxPlan: InboxPlan = { waiting: 1_000, requests: 120, openings: 30, openInboxes: 10 };
export const quickInboxPlan: InboxPlan = { waiting: 1_000, requests: 40, openings: 10, openInboxes: 10 };

const warmUp = 5;

/** Pages and streams of an inbox in which much waits, over HTTP with a session, served by a process of its own. */
export async function measureInbox(plan: InboxPlan): Promise<InboxMeasurement> {
  const child = await startChild(new URL('./inbox-site.process.ts', import.meta.url), [String(plan.waiting)]);
  try {
    const { url, approvalIds } = child.ready as InboxSite;
    const cookie = await signIn(url, 'approver');
    const addresses = await inboxAddresses(url, cookie);
    const inboxMs = await measured(plan.requests, (round) =>
      firstByteMs(`${url}${addresses[round % addresses.length] ?? '/approvals'}`, cookie),
    );
    const approvalMs = await measured(plan.requests, (round) =>
      firstByteMs(`${url}/approvals/${approvalIds[(round * 37) % approvalIds.length] ?? ''}`, cookie),
    );
    const live = await measureLive(plan, url, cookie, async () => (await child.ask('open')) as OpenedApproval);
    return {
      waiting: plan.waiting,
      inboxMs: percentiles(inboxMs),
      approvalMs: percentiles(approvalMs),
      liveMs: { ...percentiles(live), highest: Math.max(...live) },
      openInboxes: plan.openInboxes,
    };
  } finally {
    await child.stop();
  }
}

async function inboxAddresses(url: string, cookie: string): Promise<readonly string[]> {
  const first = await (await fetch(`${url}/approvals`, { headers: { cookie } })).text();
  const next = /rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll('&amp;', '&');
  if (next === undefined) throw new Error('the inbox of the benchmark has one page only');
  return ['/approvals', '/approvals?asked=me', '/approvals?risk=high&tool=stock.order_parts', next];
}

async function measured(count: number, measure: (round: number) => Promise<number>): Promise<readonly number[]> {
  const samples: number[] = [];
  for (let round = 0; round < warmUp + count; round += 1) samples.push(await measure(round));
  return samples.slice(warmUp);
}

async function firstByteMs(address: string, cookie: string): Promise<number> {
  const begun = performance.now();
  const answer = await fetch(address, { headers: { cookie } });
  const reader = answer.body?.getReader();
  await reader?.read();
  const took = performance.now() - begun;
  while (reader !== undefined && !(await reader.read()).done);
  if (answer.status !== 200) throw new Error(`${address} answered ${answer.status}`);
  return took;
}

async function measureLive(
  { openings, openInboxes }: InboxPlan,
  url: string,
  cookie: string,
  open: () => Promise<OpenedApproval>,
): Promise<readonly number[]> {
  const streams = await Promise.all(Array.from({ length: openInboxes }, () => openInboxStream(url, cookie)));
  try {
    const samples: number[] = [];
    for (let round = 0; round < openings; round += 1) {
      const { approvalId, begunAt } = await open();
      const told = await Promise.all(streams.map((stream) => stream.told(approvalId)));
      samples.push(Math.max(...told) - begunAt);
    }
    return samples;
  } finally {
    for (const stream of streams) stream.close();
  }
}

const percentiles = (samples: readonly number[]): Percentiles => ({
  p50: median(samples),
  p95: quantile(samples, 0.95),
});
