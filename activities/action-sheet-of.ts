import type { EditedAction } from '../src/domain/action.ts';
import { type ActionSheet, type RecordFacts, sheetRows } from '../src/domain/action-sheet.ts';
import type { Reason } from '../src/domain/decision.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { Ticket } from '../src/domain/ticket.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import { answerTool } from './decide-action.ts';

/** What people are shown of an action; the digest of it is in the envelope that they sign. */
export function sheetOf(
  ticket: Pick<Ticket, 'agent' | 'agentVersion' | 'initiator'>,
  action: {
    readonly kind: string;
    readonly tool: CatalogueTool | undefined;
    readonly args: JsonObject;
    readonly edited?: EditedAction | undefined;
  },
  reasons: readonly Reason[],
  recorded: RecordFacts,
): ActionSheet {
  const isAnswer = action.kind === 'answer';
  const roles = action.tool?.manifest.args ?? {};
  const { edited } = action;
  return {
    tool: isAnswer ? answerTool : (action.tool?.name ?? 'unknown.tool'),
    effect: isAnswer ? 'answer' : (action.tool?.manifest.effect ?? 'irreversible'),
    ...undoOf(action.tool),
    agent: ticket.agent,
    agentVersion: ticket.agentVersion,
    onBehalfOf: ticket.initiator,
    rows: sheetRows(action.args, roles),
    reasons,
    facts: recorded.facts,
    records: recorded.records,
    ...(edited === undefined
      ? {}
      : { edited: { by: edited.by, approvalId: edited.approvalId, before: sheetRows(edited.before, roles) } }),
  };
}

function undoOf(tool: CatalogueTool | undefined): Pick<ActionSheet, 'undo'> {
  const compensate = tool?.manifest.compensate;
  return tool === undefined || compensate === undefined ? {} : { undo: `${tool.server}.${compensate}` };
}
