import { assertNever } from './assert-never.ts';
import type { JsonObject } from './json.ts';
import type { ActionFacts, AnswerFacts, StartRunFacts, ToolCallFacts } from './policy-facts.ts';

/**
 * An evaluation in the terms of AuthZEN and Cedar. Every attribute that the schema names must be supplied.
 * An attribute `groups` of the principal names the groups it is in; Cedar sees them as parents.
 */
export interface PolicyRequest {
  readonly principal: {
    readonly type: 'Agent' | 'User' | 'Service';
    readonly id: string;
    readonly attributes: JsonObject;
  };
  /** `server__tool`, `answer`, `start-run`. */
  readonly action: string;
  readonly resource: {
    readonly type: 'Tool' | 'Model' | 'Channel' | 'AgentDefinition';
    readonly id: string;
    readonly attributes: JsonObject;
  };
  readonly context: JsonObject;
}

/** Facts → the one form in which every PEP asks, so that gate and effect cannot ask different questions. */
export function actionRequest(facts: ActionFacts): PolicyRequest {
  switch (facts.kind) {
    case 'tool-call':
      return toolCallRequest(facts);
    case 'answer':
      return answerRequest(facts);
    default:
      return assertNever(facts);
  }
}

function toolCallRequest(facts: ToolCallFacts): PolicyRequest {
  const { server, name, effect } = facts.tool;
  return {
    principal: agentPrincipal(facts),
    action: `${server}__${name}`,
    resource: { type: 'Tool', id: `${server}.${name}`, attributes: { server, effect } },
    context: {
      ...commonContext(facts),
      args: facts.args,
      facts: facts.facts,
      mandate: { maxCalls: facts.mandate.maxCalls, callsLeft: facts.mandate.callsLeft },
    },
  };
}

function answerRequest(facts: AnswerFacts): PolicyRequest {
  return {
    principal: agentPrincipal(facts),
    action: 'answer',
    resource: { type: 'Channel', id: 'run.answer', attributes: { tenant: facts.tenant } },
    context: { ...commonContext(facts), args: { text: facts.text, characters: facts.text.length } },
  };
}

/** What the API asks before it admits a run. */
export function startRunRequest(facts: StartRunFacts): PolicyRequest {
  const { id, kind, tenant, roles, groups, acr } = facts.initiator;
  return {
    principal: { type: kind === 'person' ? 'User' : 'Service', id, attributes: { tenant, roles, groups, acr } },
    action: 'start-run',
    resource: {
      type: 'AgentDefinition',
      id: facts.agent.name,
      attributes: { ...definitionOf(facts), tenant: facts.tenant },
    },
    context: { taskAuthority: facts.taskAuthority, now: epochSeconds(facts.nowMs) },
  };
}

function agentPrincipal(facts: ActionFacts): PolicyRequest['principal'] {
  return { type: 'Agent', id: facts.agent.name, attributes: { ...definitionOf(facts), tenant: facts.tenant } };
}

function definitionOf({ agent }: { readonly agent: ActionFacts['agent'] }): JsonObject {
  return { version: agent.version, owner: agent.owner };
}

function commonContext(facts: ActionFacts): JsonObject {
  return {
    run: { steps: facts.run.steps, toolCalls: facts.run.toolCalls },
    approval: { granted: facts.approval.granted, approvers: facts.approval.approvers },
    initiator: { id: facts.initiator.id, kind: facts.initiator.kind },
    now: epochSeconds(facts.nowMs),
    onBehalfOf: facts.onBehalfOf,
    risk: facts.risk,
  };
}

function epochSeconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1_000);
}
