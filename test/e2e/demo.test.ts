import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type StartedCommand, startCommand } from './countersign-process.ts';

const entrySchema = z.object({
  args: z.record(z.string(), z.unknown()),
  reasons: z.array(z.object({ rule: z.string() })),
  approvedBy: z.array(z.string()),
});
const summarySchema = z.object({
  runId: z.string(),
  state: z.string(),
  paidByPolicy: z.array(entrySchema),
  paidWithApproval: z.array(entrySchema),
  mailed: z.array(entrySchema),
  refused: z.array(entrySchema),
  flagged: z.array(entrySchema),
  filed: z.array(entrySchema),
  inDoubt: z.array(entrySchema),
});
type Summary = z.output<typeof summarySchema>;
type Entry = z.output<typeof entrySchema>;

const invoicesOf = (entries: readonly Entry[]) => entries.map(({ args }) => args['invoiceNumber']).sort();
const rulesOf = (summary: Summary, name: string, value: string) =>
  summary.refused.find(({ args }) => args[name] === value)?.reasons.map(({ rule }) => rule) ?? [];

/** One demo folder through the life of a demo: begun, interrupted, resumed, finished, looked at again. */
describe('npm run demo', { timeout: 240_000 }, () => {
  let base: string;
  let folder: string;
  const started: StartedCommand[] = [];

  const demo = (...more: string[]): StartedCommand => {
    const command = startCommand(['demo', '--json', '--data', folder, '--port', '0', '--desk-port', '0', ...more]);
    started.push(command);
    return command;
  };

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'demo-e2e-'));
    folder = join(base, 'demo');
  });
  afterAll(async () => {
    for (const { child } of started) child.kill('SIGTERM');
    await Promise.all(started.map(({ ended }) => ended));
    await rm(base, { recursive: true, force: true });
  });

  test('an interruption stops it in good order, and the next start ends the same run', async () => {
    const first = demo('--yes');
    const { runId } = await first.event('ready');
    await first.event('model-called');
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);

    const second = demo('--yes');
    const { code, errors } = await second.ended;
    expect(errors).toBe('');
    expect(code).toBe(0);
    expect(await second.event('ready')).toMatchObject({ runId, model: { rehearsal: true } });
    const summary = summarySchema.parse(await second.event('summary'));
    expect(summary).toMatchObject({ runId, state: 'completed', inDoubt: [] });

    expect(invoicesOf(summary.paidByPolicy)).toEqual(
      ['AP-90080', 'KE-774', 'LG-118', 'LG-121', 'MT-3019', 'QD-2340', 'SR-5588', 'TB-21044', 'ZW-26-1187'].sort(),
    );
    expect(invoicesOf(summary.paidWithApproval)).toEqual(['CV-10442', 'HV-2026-330']);
    expect(summary.paidWithApproval.map(({ approvedBy }) => approvedBy)).toEqual([['approver'], ['approver']]);
    expect(rulesOf(summary, 'invoiceNumber', 'NF-88213')).toContain('payment-goes-to-the-supplier');
    expect(rulesOf(summary, 'invoiceNumber', 'QD-2291')).toContain('invoice-is-paid-once');
    expect(rulesOf(summary, 'to', 'collect@ledger-verify.example')).toContain('mail-goes-to-known-contacts');
    expect(summary.filed).toHaveLength(22);
  });

  test('a finished run is shown as finished, and nothing happens again', async () => {
    const again = demo('--yes');
    expect((await again.ended).code).toBe(0);
    expect(again.events.map(({ event }) => event)).not.toContain('effect-landed');
    expect(summarySchema.parse(await again.event('summary'))).toMatchObject({ state: 'completed' });
  });

  test('a second demo on the same folder is refused, and says where the first is', async () => {
    await rm(folder, { recursive: true });
    const first = demo('--yes');
    const { url } = await first.event('ready');
    const second = startCommand(['demo', '--yes', '--json', '--data', folder, '--port', '0', '--desk-port', '0']);
    const { code, output } = await second.ended;
    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({
      error: { code: 'data-folder-in-use', message: expect.stringContaining(String(url)) },
    });
    first.child.kill('SIGINT');
    await first.ended;
  });

  test('no secret stands in a command line or in the log', async () => {
    const running = demo('--yes');
    await running.event('ready');
    const secret = (await readFile(join(folder, 'owner-secret'), 'utf8')).trim();
    const own = await readFile(`/proc/${running.child.pid}/cmdline`, 'utf8').catch(() => '');
    running.child.kill('SIGINT');
    const { output, errors } = await running.ended;
    const log = await readFile(join(folder, 'countersign.log'), 'utf8').catch(() => '');
    for (const text of [own, output, errors, log, process.argv.join(' ')]) expect(text).not.toContain(secret);
    for (const text of [output, errors, log]) expect(text).not.toMatch(/eyJ[\w-]{10,}\./);
  });
});
