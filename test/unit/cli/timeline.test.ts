import { describe, expect, test } from 'vitest';
import { createTerminal } from '../../../src/cli/terminal/terminal.ts';
import { textWidth } from '../../../src/cli/terminal/text-width.ts';
import { createNarrator } from '../../../src/cli/timeline/create-narrator.ts';
import { moneyWords } from '../../../src/cli/timeline/money-words.ts';
import type { TimelineItem } from '../../../src/contracts/http/timeline.schema.ts';
import { recordedStreams } from './recorded-streams.ts';

const base = { position: 1, at: '2026-07-10T14:03:22.000Z', runId: 'run-1' } as const;
const pay = {
  callId: 't1.0',
  tool: 'bank.make_payment',
  args: { amount: '1240.50', currency: 'EUR', iban: 'DE1\u001b[2J' },
} as const;
const reasons = [
  { rule: 'known-account', message: 'This IBAN is not on record.' },
  { rule: 'paid-once', message: 'This was paid before.' },
];
const decided = {
  ...base,
  ...pay,
  event: 'action-decided',
  kind: 'tool-call',
  point: 'proposal',
  actionDigest: 'sha256:0',
  policyDigest: 'sha256:0',
} as const;
const landed = { ...base, ...pay, event: 'effect-landed', outcome: 'ok' } as const;
const thought = {
  ...base,
  event: 'model-called',
  turn: 2,
  model: 'm',
  rehearsal: false,
  inputTokens: 1,
  outputTokens: 1,
  costMicroUsd: 0,
} as const;

function told(items: readonly TimelineItem[], json = false): string[] {
  const { streams, written } = recordedStreams();
  const narrator = createNarrator({
    terminal: createTerminal(streams, { json, colour: false }),
    pages: 'http://localhost:7070',
  });
  for (const item of items) narrator.tell(item);
  return written().output.trimEnd().split('\n');
}

const onlyText = (items: readonly TimelineItem[]) => told(items).join('\n');

describe('the timeline', () => {
  test('tells a refusal with every rule and its sentence', () => {
    const text = onlyText([{ ...decided, decision: 'deny', code: 'denied', reasons }]);
    for (const part of ['refused', '1,240.50 EUR', 'known-account', 'paid-once', 'This was paid before.'])
      expect(text).toContain(part);
  });

  test('does not tell what was allowed before it has happened', () => {
    expect(onlyText([{ ...decided, decision: 'allow', reasons: [] }])).toBe('');
    expect(onlyText([landed])).toContain('✓');
  });

  test('tells a person’s rejection once', () => {
    const closed = { ...base, ...pay, event: 'approval-closed', approvalId: 'apr_1', state: 'rejected' } as const;
    const gate = { ...decided, point: 'gate', decision: 'deny', code: 'rejected', reasons } as const;
    expect(told([closed, gate])).toHaveLength(1);
  });

  test('links a question to its page', () => {
    const asked: TimelineItem = {
      ...base,
      ...pay,
      event: 'approval-opened',
      approvalId: 'apr_1',
      actionDigest: 'sha256:0',
      reasons,
      quorum: { needed: 1, roles: ['approver'] },
      expiresAt: base.at,
    };
    expect(onlyText([asked])).toContain('http://localhost:7070/approvals/apr_1');
  });

  test('counts look-ups, and tells their number when the model is asked again', () => {
    const lookUp = { ...landed, tool: 'bank.get_account', args: { id: '7' } };
    expect(onlyText([lookUp, lookUp, lookUp])).toBe('');
    expect(onlyText([lookUp, lookUp, lookUp, thought])).toContain('3 look-ups');
  });

  test('tells an effect that is in doubt as exactly that', () => {
    expect(onlyText([{ ...base, ...pay, event: 'effect-in-doubt' }])).toContain('in doubt');
  });

  test('labels the rehearsal model as what it is', () => {
    expect(onlyText([{ ...thought, turn: 0, rehearsal: true }])).toContain('no language model');
  });

  test('lets no argument act on the terminal, and keeps to 100 columns', () => {
    const long = { ...landed, args: { ...pay.args, note: 'many words '.repeat(40), iban: pay.args.iban } };
    const lines = told([long, { ...decided, args: long.args, decision: 'deny', code: 'denied', reasons }]);
    expect(lines.join('\n')).not.toContain('\u001b');
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(100);
  });

  test('is the events themselves where JSON was asked for', () => {
    expect(told([landed, thought], true).map((line) => JSON.parse(line))).toEqual([landed, thought]);
  });
});

test.each([
  ['1240.5', '1,240.50 EUR'],
  ['18400', '18,400.00 EUR'],
  ['0.125', '0.125 EUR'],
  ['-1234567.89', '-1,234,567.89 EUR'],
  ['1e3', '1e3 EUR'],
  ['1,5', '1,5 EUR'],
])('%s reads %s', (amount, words) => {
  expect(moneyWords(amount, 'EUR')).toBe(words);
});
