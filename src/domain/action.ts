import type { CallId, EffectKey } from './ids.ts';
import type { JsonObject } from './json.ts';

/** Characters of JSON in the arguments of one call, from a model or from a person who edits them. */
export const maxArgumentCharacters = 262_144;

export const actionKinds = ['model-call', 'tool-call', 'delegation', 'memory-write', 'answer'] as const;
export type ActionKind = (typeof actionKinds)[number];

/**
 * Exactly what will run, and under which authority. `args` are the resolved bytes that will be sent.
 * The action digest is SHA-256 over the RFC 8785 form of this object, domain `countersign/action/v1`.
 */
export interface ActionEnvelope {
  readonly v: 1;
  readonly tenant: string;
  readonly agent: string;
  readonly agentVersion: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly callId: CallId;
  readonly kind: ActionKind;
  /** `server.tool`; for an answer `run.answer`. */
  readonly tool: string;
  /** The reviewed pin of the tool; empty for an answer. */
  readonly toolPin: string;
  readonly args: JsonObject;
  readonly labelsDigest: string;
  readonly onBehalfOf: string;
  readonly credentialScope: string;
  readonly risk: RiskTier;
  readonly preconditions: JsonObject;
  readonly askedUnderPolicy: string;
  /** Digest of the sheet that approvers are shown; see `actionSheet`. */
  readonly renderHash: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly nonce: string;
  /** Only where a person changed the arguments. */
  readonly edited?: EditedAction;
}

/** Where edited arguments come from. Whoever performs the action checks all of it against that person's signed verdict. */
export interface EditedAction {
  /** The approval that this action took the place of. */
  readonly approvalId: string;
  readonly verdictId: string;
  readonly by: string;
  /** The arguments as they were. */
  readonly before: JsonObject;
}

export const riskTiers = ['low', 'medium', 'high'] as const;
export type RiskTier = (typeof riskTiers)[number];

/** An action as workflow state carries it: references and digests, no content. */
export interface ActionReference {
  readonly callId: CallId;
  readonly key: EffectKey;
  readonly kind: ActionKind;
  readonly tool: string;
  readonly actionDigest: string;
  /** Blob reference of the stored envelope. */
  readonly envelopeRef: string;
  /** The vendor's id; pairs the result with the model's call in the transcript. */
  readonly toolCallId: string;
  /** As the model was offered it, or as it wrote it where no such tool exists. */
  readonly toolName: string;
}
