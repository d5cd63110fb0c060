import { storedSteerTextSchema } from '../src/contracts/http/steering.schema.ts';
import type { SettledAction } from '../src/contracts/run-activities.ts';
import type { JsonObject, JsonValue } from '../src/domain/json.ts';
import type { Message } from '../src/domain/transcript.ts';
import { type BlobRef, type BlobStore, parseBlobRef } from '../src/ports/blob-store.port.ts';
import { answerTool } from './decide-action.ts';
import { createRecentlyUsed } from './recently-used.ts';

type AssistantMessage = Extract<Message, { role: 'assistant' }>;

/** Where a transcript begins: the prompt, and what the model is asked to do. */
export interface TranscriptStart {
  readonly v: 1;
  readonly kind: 'start';
  readonly system: string;
  readonly user: string;
}

/** One turn on top of its parent: results by reference, then the model's words, then what the engine made of them. */
export interface TranscriptTurn<Outcome> {
  readonly v: 1;
  readonly kind: 'turn';
  readonly parent: string;
  readonly results: readonly SettledAction[];
  /** What the principal said since the turn before. */
  readonly said?: readonly SaidMessage[];
  /** Position of his last message that is in the transcript by now. */
  readonly steeredTo?: number;
  readonly message: AssistantMessage;
  readonly outcome: Outcome;
}

/** One message of the principal, by reference. */
export interface SaidMessage {
  readonly textRef: string;
  /** ISO 8601. */
  readonly at: string;
}

type Node = TranscriptStart | TranscriptTurn<JsonValue>;

/** Parent-linked heads in the blob store: a head is 70 bytes in history, however long the transcript is. */
export interface Transcripts {
  start(tenant: string, start: TranscriptStart): Promise<BlobRef>;
  append<Outcome>(tenant: string, turn: TranscriptTurn<Outcome>): Promise<BlobRef>;
  turn(tenant: string, ref: BlobRef): Promise<TranscriptTurn<JsonValue>>;
  /** All messages up to a head. */
  messages(tenant: string, head: string): Promise<readonly Message[]>;
  /** The messages that results become. */
  resultMessages(tenant: string, results: readonly SettledAction[]): Promise<readonly Message[]>;
  /** The messages that the principal's words become: each one of its own. */
  saidMessages(tenant: string, said: readonly SaidMessage[]): Promise<readonly Message[]>;
  /** Position of the principal's last message that is in the transcript up to a head. */
  steeredTo(tenant: string, head: string): Promise<number>;
}

const rememberedHeads = 64;

/** Tells the principal's words from the task and from everything that tools return. */
const saidLabel = 'The principal of this run says, with the mandate as it was frozen,';

export function createTranscripts(blobs: BlobStore): Transcripts {
  const assembled = createRecentlyUsed<string, readonly Message[]>(rememberedHeads);

  const load = async (tenant: string, ref: string): Promise<Node> =>
    (await blobs.get(tenant, 'transcript', parseBlobRef(ref))) as object as Node;

  const resultMessages = (tenant: string, results: readonly SettledAction[]) =>
    Promise.all(
      results.map(async ({ toolCallId, toolName, result }): Promise<Message> => {
        const value: JsonValue =
          result.kind === 'refused'
            ? { error: { ...result.refusal } }
            : await blobs.get(tenant, 'result', parseBlobRef(result.resultRef));
        const content = typeof value === 'string' ? value : JSON.stringify(value);
        // An answer is no tool call: hosts refuse the result of a call that the model never made.
        if (toolName === answerTool && toolCallId === '')
          return { role: 'user', text: `Your answer was refused: ${content}` };
        return { role: 'tool', toolCallId, toolName, content };
      }),
    );

  const saidMessages = (tenant: string, said: readonly SaidMessage[]) =>
    Promise.all(
      said.map(async ({ textRef, at }): Promise<Message> => {
        const { text } = storedSteerTextSchema.parse(await blobs.get(tenant, 'steering', parseBlobRef(textRef)));
        return { role: 'user', text: `${saidLabel} ${at}:\n\n${text}` };
      }),
    );

  const messages = async (tenant: string, head: string): Promise<readonly Message[]> => {
    const name = `${tenant}/${head}`;
    return assembled.getOrLoad(name, async () => {
      const node = await load(tenant, head);
      if (node.kind === 'start')
        return [
          { role: 'system', text: node.system },
          { role: 'user', text: node.user },
        ];
      return [
        ...(await messages(tenant, node.parent)),
        ...(await resultMessages(tenant, node.results)),
        ...(await saidMessages(tenant, node.said ?? [])),
        node.message,
      ];
    });
  };

  const put = (tenant: string, node: object) => blobs.put(tenant, 'transcript', node as JsonObject);

  return {
    start: put,
    append: put,
    turn: async (tenant, ref) => {
      const node = await load(tenant, ref);
      if (node.kind === 'start') throw new RangeError('the start of a transcript is no turn');
      return node;
    },
    messages,
    resultMessages,
    saidMessages,
    steeredTo: async (tenant, head) => {
      const node = await load(tenant, head);
      return node.kind === 'start' ? 0 : (node.steeredTo ?? 0);
    },
  };
}
