import { log } from '@temporalio/activity';
import type { RunKey } from '../src/contracts/run-activities.ts';
import type { ActionEnvelope, ActionKind, RiskTier } from '../src/domain/action.ts';
import { noRecordFacts, type RecordFacts } from '../src/domain/action-sheet.ts';
import { assertNever } from '../src/domain/assert-never.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { Decision, RefusalCode } from '../src/domain/decision.ts';
import type { JsonObject } from '../src/domain/json.ts';
import { type Mandate, maxCallsOf } from '../src/domain/mandate.ts';
import { type ActionFacts, noApproval } from '../src/domain/policy-facts.ts';
import { actionRequest } from '../src/domain/policy-request.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import { isoTime } from '../src/ports/clock.port.ts';
import type { LedgerStanding } from '../src/ports/effect-ledger.port.ts';
import type { PolicyEvaluation } from '../src/ports/policy.port.ts';
import type { DecisionDeps } from './activity-deps.ts';
import type { AdmittedRun } from './admitted-run.ts';
import { askAboutEdit } from './ask-about-edit.ts';
import { relationFacts } from './relation-facts.ts';
import type { ToolStandings } from './tool-standing.ts';

/** An action before anybody has agreed to it. `tool` is undefined where the catalogue has none of that name. */
export interface Candidate {
  readonly kind: Extract<ActionKind, 'tool-call' | 'answer'>;
  readonly tool: CatalogueTool | undefined;
  /** As the model called it. */
  readonly toolName: string;
  readonly args: JsonObject;
  /** Why the arguments could not even be read. */
  readonly malformed?: string;
}

/** What the decision rests on besides the candidate; fetched by the worker that decides. */
export interface DecisionBasis {
  readonly run: RunKey;
  readonly admitted: AdmittedRun;
  readonly mandate: Mandate;
  readonly standing: LedgerStanding;
  /** Model calls so far. */
  readonly steps: number;
  /** People whose verified verdicts are bound to this action's digest. */
  readonly approvers: readonly string[];
  /** What the records said a moment ago, where one decision is made in two steps; asked for otherwise. */
  readonly recorded?: RecordFacts;
  readonly signal: AbortSignal;
}

export interface Decided {
  readonly decision: Decision;
  readonly recorded: RecordFacts;
}

export type Decide = (candidate: Candidate, basis: DecisionBasis) => Promise<Decided>;

/** A denial by the engine itself, which no policy was asked about. */
export function denied(
  { policy }: Pick<DecisionDeps, 'policy'>,
  rule: string,
  message: string,
  code: RefusalCode = 'denied',
): Decided {
  return {
    decision: { kind: 'deny', policyDigest: policy.policyDigest, code, reasons: [{ rule, message }] },
    recorded: noRecordFacts,
  };
}

/** The one way to a decision, for every point that enforces it. Denies come first; what nothing allows is denied. */
export function createDecide(deps: DecisionDeps, standings: ToolStandings): Decide {
  const deny = (rule: string, message: string, code?: RefusalCode) => denied(deps, rule, message, code);

  return async (candidate, basis) => {
    if (basis.standing.closed) return deny('run-closed', 'The run has ended.');
    if (basis.mandate.expiresAt <= isoTime(deps.clock))
      return deny('mandate-expired', 'The mandate of this run has expired.');
    if (candidate.malformed !== undefined) return deny('invalid-arguments', candidate.malformed, 'invalid-arguments');
    if (candidate.kind === 'answer')
      return evaluated(await deps.policy.evaluate(actionRequest(answerFacts(deps, candidate, basis))), noRecordFacts);
    const { tool } = candidate;
    if (tool === undefined || !basis.admitted.agent.manifest.tools.includes(tool.name)) {
      return deny('agent-tools', `The agent has no tool ${candidate.toolName}.`);
    }
    const outside = await outsideMandate(deps, standings, tool, candidate, basis);
    if (outside !== undefined) return deny(outside.rule, outside.message, outside.code);
    const recorded = basis.recorded ?? (await relationFacts(deps, basis.run, tool, candidate.args, basis.signal));
    const request = actionRequest(toolFacts(deps, candidate, tool, basis, recorded.facts));
    const decided = evaluated(await deps.policy.evaluate(request), recorded);
    return isAskedAnyway(decided, basis) ? askAboutEdit(deps, basis, tool.name, candidate.args, decided) : decided;
  };
}

/** An allow without anybody's approval, in a run where people have written arguments. */
function isAskedAnyway({ decision }: Decided, { standing, approvers }: DecisionBasis): boolean {
  return decision.kind === 'allow' && standing.hasEdits && approvers.length === 0;
}

async function outsideMandate(
  deps: DecisionDeps,
  standings: ToolStandings,
  tool: CatalogueTool,
  candidate: Candidate,
  { mandate, standing, signal }: DecisionBasis,
): Promise<{ readonly rule: string; readonly message: string; readonly code?: RefusalCode } | undefined> {
  if (maxCallsOf(mandate, tool.name) === 0) {
    return { rule: 'mandate-tools', message: `The mandate of this run does not include ${tool.name}.` };
  }
  if (callsLeft(mandate, standing, tool.name) <= 0) {
    return {
      rule: 'mandate-count',
      message: `The mandate allows ${maxCallsOf(mandate, tool.name)} calls of ${tool.name}, and all are used.`,
      code: 'budget-exceeded',
    };
  }
  if (standing.totalCalls >= mandate.budget.toolCalls) {
    return {
      rule: 'mandate-budget',
      message: `The run has used all its ${mandate.budget.toolCalls} tool calls.`,
      code: 'budget-exceeded',
    };
  }
  const changed = await changedTool(deps, standings, tool, signal);
  if (changed !== undefined) {
    return {
      rule: 'tool-changed',
      message: `${changed} is not announced as it was reviewed; it stays closed until somebody reviews it again.`,
    };
  }
  const [broken] = deps.argumentChecker.check(tool.announced.inputSchema, candidate.args);
  if (broken === undefined) return undefined;
  return {
    rule: 'invalid-arguments',
    message: `${broken.path || 'arguments'}: ${broken.rule}`,
    code: 'invalid-arguments',
  };
}

/** The tool itself, or a record tool that its facts would rest on, if it is no longer what somebody reviewed. */
async function changedTool(
  { catalogue }: DecisionDeps,
  standings: ToolStandings,
  tool: CatalogueTool,
  signal: AbortSignal,
): Promise<string | undefined> {
  const sources = Object.values(tool.manifest.relations).map(({ from }) => catalogue.tool(`${tool.server}.${from}`));
  for (const used of new Set([tool, ...sources])) {
    if (used !== undefined && !(await standings.isUnchanged(used, signal))) return used.name;
  }
  return undefined;
}

/** This call's own reservation is not counted against it. */
function callsLeft(mandate: Mandate, standing: LedgerStanding, tool: string): number {
  const own = standing.row?.tool === tool ? 1 : 0;
  return maxCallsOf(mandate, tool) - ((standing.calls[tool] ?? 0) - own);
}

export function riskOf(tool: CatalogueTool | undefined): RiskTier {
  const effect = tool?.manifest.effect ?? 'read';
  switch (effect) {
    case 'read':
      return 'low';
    case 'write':
      return 'medium';
    case 'irreversible':
      return 'high';
    default:
      return assertNever(effect);
  }
}

function commonFacts(deps: DecisionDeps, { run, admitted, standing, steps, approvers }: DecisionBasis) {
  const { ticket, agent } = admitted;
  return {
    tenant: run.tenant,
    agent: { name: agent.manifest.name, version: agent.manifest.version, owner: agent.manifest.owner },
    run: { steps, toolCalls: standing.totalCalls },
    approval: approvers.length === 0 ? noApproval : { granted: true, approvers },
    initiator: { id: ticket.initiator, kind: ticket.initiatorKind },
    nowMs: deps.clock.now(),
    onBehalfOf: ticket.initiator,
  };
}

function answerFacts(deps: DecisionDeps, candidate: Candidate, basis: DecisionBasis): ActionFacts {
  const text = candidate.args['text'];
  return { ...commonFacts(deps, basis), kind: 'answer', risk: 'low', text: typeof text === 'string' ? text : '' };
}

function toolFacts(
  deps: DecisionDeps,
  candidate: Candidate,
  tool: CatalogueTool,
  basis: DecisionBasis,
  facts: Readonly<Record<string, boolean>>,
): ActionFacts {
  return {
    ...commonFacts(deps, basis),
    kind: 'tool-call',
    risk: riskOf(tool),
    tool: { server: tool.server, name: tool.announced.name, effect: tool.manifest.effect },
    args: candidate.args,
    facts,
    mandate: {
      maxCalls: maxCallsOf(basis.mandate, tool.name),
      callsLeft: callsLeft(basis.mandate, basis.standing, tool.name),
    },
  };
}

function evaluated({ verdict, policyDigest }: PolicyEvaluation, recorded: RecordFacts): Decided {
  switch (verdict.kind) {
    case 'allow':
      return { decision: { kind: 'allow', policyDigest, reasons: verdict.reasons }, recorded };
    case 'ask':
      return {
        decision: { kind: 'ask', policyDigest, reasons: verdict.reasons, requirement: verdict.requirement },
        recorded,
      };
    case 'deny':
      // a denial by failure is an alert: honest work stops until somebody mends the policy
      if (verdict.errors.length > 0) log.error('policy-error', { policyDigest, errors: verdict.errors });
      return { decision: { kind: 'deny', policyDigest, reasons: verdict.reasons, code: 'denied' }, recorded };
    default:
      return assertNever(verdict);
  }
}

/** The answer of a run is an action of the engine itself; it has no server. */
export const answerTool = 'run.answer';

/** The catalogue's tool for an envelope; an envelope of a tool that is gone fails with `tool-unknown`. */
export function toolOfEnvelope(deps: Pick<DecisionDeps, 'catalogue'>, name: string): CatalogueTool | undefined {
  if (name === answerTool) return undefined;
  const tool = deps.catalogue.tool(name);
  if (tool === undefined) throw new CountersignError('tool-unknown');
  return tool;
}

/** A stored envelope as it is decided again. */
export function candidateOf(
  envelope: Pick<ActionEnvelope, 'kind' | 'args'>,
  tool: CatalogueTool | undefined,
  toolName: string,
): Candidate {
  return { kind: envelope.kind === 'answer' ? 'answer' : 'tool-call', tool, toolName, args: envelope.args };
}
