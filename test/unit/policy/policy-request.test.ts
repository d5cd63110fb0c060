import { expect, test } from 'vitest';
import { type AnswerFacts, noApproval, type ToolCallFacts } from '../../../src/domain/policy-facts.ts';
import { actionRequest, startRunRequest } from '../../../src/domain/policy-request.ts';

const common = {
  tenant: 'default',
  agent: { name: 'invoice-desk', version: 3, owner: 'ap-team' },
  run: { steps: 2, toolCalls: 5 },
  approval: noApproval,
  initiator: { id: 'ines', kind: 'person' },
  nowMs: 1_760_000_000_999,
  onBehalfOf: 'ines',
  risk: 'high',
} as const;

test('a tool call asks about the tool under the name that the model was offered', () => {
  const facts: ToolCallFacts = {
    ...common,
    kind: 'tool-call',
    tool: { server: 'invoices', name: 'schedule_payment', effect: 'irreversible' },
    args: { amount: 10 },
    facts: { notDuplicate: true },
    mandate: { maxCalls: 3, callsLeft: 1 },
  };
  expect(actionRequest(facts)).toEqual({
    principal: { type: 'Agent', id: 'invoice-desk', attributes: { version: 3, owner: 'ap-team', tenant: 'default' } },
    action: 'invoices__schedule_payment',
    resource: {
      type: 'Tool',
      id: 'invoices.schedule_payment',
      attributes: { server: 'invoices', effect: 'irreversible' },
    },
    context: {
      args: { amount: 10 },
      facts: { notDuplicate: true },
      mandate: { maxCalls: 3, callsLeft: 1 },
      run: { steps: 2, toolCalls: 5 },
      approval: { granted: false, approvers: [] },
      initiator: { id: 'ines', kind: 'person' },
      now: 1_760_000_000,
      onBehalfOf: 'ines',
      risk: 'high',
    },
  });
});

test('an answer asks about its channel, with its text and length', () => {
  const facts: AnswerFacts = { ...common, kind: 'answer', text: 'Done.' };
  expect(actionRequest(facts)).toMatchObject({
    action: 'answer',
    resource: { type: 'Channel', id: 'run.answer', attributes: { tenant: 'default' } },
    context: { args: { text: 'Done.', characters: 5 } },
  });
});

test('a service asks to start a run as a Service, a person as a User', () => {
  const facts = {
    initiator: { id: 'backend', kind: 'service', tenant: 'default', roles: ['initiator'], groups: [], acr: 'dev' },
    agent: common.agent,
    tenant: 'default',
    taskAuthority: 'data',
    nowMs: common.nowMs,
  } as const;
  expect(startRunRequest(facts).principal.type).toBe('Service');
  expect(startRunRequest({ ...facts, initiator: { ...facts.initiator, kind: 'person' } }).principal.type).toBe('User');
});
