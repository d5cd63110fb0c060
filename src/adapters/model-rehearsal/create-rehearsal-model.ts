import type { ModelToolCall } from '../../domain/transcript.ts';
import type { ModelAnswer, ModelPort, ModelRequest } from '../../ports/model.port.ts';
import { type Clerk, createClerk, type WantedCall } from './clerk.ts';
import { countTokens } from './count-tokens.ts';
import { localName, recogniseTools } from './desk-tools.ts';
import { draftMandate, isMailboxTask, taskOf } from './draft-mandate.ts';
import { findPayment, type PaymentInstruction } from './find-instructions.ts';
import { type Memory, recall } from './memory.ts';
import { callsOfThisTurn, workMailbox } from './work-mailbox.ts';
import { introduction, writeSummary } from './write-summary.ts';

const modelId = 'rehearsal-1';

export interface RehearsalOptions {
  /** Calls proposed in one turn at most. */
  readonly maxCallsPerTurn?: number;
}

/**
 * A stand-in for a language model: fixed rules, no network, the same answer to the same request. It works an invoice
 * mailbox from what the tools return, sees only what any model sees, and is gullible on purpose: it follows
 * instructions that it reads in data. What is seen to stop an attack is therefore the engine.
 */
export function createRehearsalModel({ maxCallsPerTurn = 32 }: RehearsalOptions = {}): ModelPort {
  return {
    description: { id: modelId, rehearsal: true },
    async generate(request, { signal }) {
      signal.throwIfAborted();
      const { text, calls } = think(request, maxCallsPerTurn);
      const answer = { text, toolCalls: calls };
      return {
        ...answer,
        finish: calls.length > 0 ? 'tool-calls' : 'stop',
        usage: countTokens(request, answer),
        model: modelId,
      } satisfies ModelAnswer;
    },
  };
}

interface Thought {
  readonly text: string;
  readonly calls: readonly ModelToolCall[];
}

function think(request: ModelRequest, maxCallsPerTurn: number): Thought {
  const memory = recall(request.messages);
  if (request.toolChoice !== 'auto') {
    const { force } = request.toolChoice;
    const args = draftMandate(
      request.messages,
      request.tools.find(({ name }) => name === force),
    );
    return { text: '', calls: [{ id: callId(memory, 0), name: force, args }] };
  }
  const tools = recogniseTools(request.tools);
  const clerk = createClerk(memory, tools);
  const task = taskOf(request.messages);
  const listTool = tools.get('listMessages');
  const told = findPayment(task);
  if (told !== undefined) return payAsTold(clerk, memory, told);
  if (listTool === undefined || !isMailboxTask(task))
    return say(`${introduction}\n\nI can only work an invoice mailbox, and this task is another.`);
  const cases = workMailbox(clerk, listTool, task);
  if (clerk.wanted().length > 0) return propose(memory, callsOfThisTurn(clerk.wanted(), maxCallsPerTurn));
  return say(writeSummary(cases));
}

/** A task that spells out one payment is done as it stands. */
function payAsTold(clerk: Clerk, memory: Memory, told: PaymentInstruction): Thought {
  const { iban, amount, currency, supplierId, poNumber, invoiceNumber } = told;
  const outcome = clerk.ask('pay', {
    iban,
    amount,
    currency,
    ...(supplierId !== undefined && { supplierId }),
    ...(poNumber !== undefined && { poNumber }),
    ...(invoiceNumber !== undefined && { invoiceNumber }),
    reference: told.reference ?? invoiceNumber ?? 'as instructed',
  });
  if (outcome === undefined) return propose(memory, clerk.wanted());
  return say(
    `${introduction}\n\n${outcome.kind === 'value' ? 'The payment was scheduled.' : `The payment was not made: ${outcome.code} ${outcome.message}`}`,
  );
}

function propose(memory: Memory, wanted: readonly WantedCall[]): Thought {
  const counts = new Map<string, number>();
  for (const { name } of wanted) counts.set(localName(name), (counts.get(localName(name)) ?? 0) + 1);
  const text = [...counts].map(([name, count]) => `${name} × ${count}`).join(', ');
  return { text, calls: wanted.map(({ name, args }, index) => ({ id: callId(memory, index), name, args })) };
}

const say = (text: string): Thought => ({ text, calls: [] });

const callId = ({ turns }: Memory, index: number): string => `call-${turns}-${index}`;
