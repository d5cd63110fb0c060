import type { ActionEnvelope } from '../src/domain/action.ts';
import { CountersignError } from '../src/domain/countersign-error.ts';
import type { CatalogueTool } from '../src/ports/catalogue.port.ts';
import type { AdmittedRun } from './admitted-run.ts';
import { deadlineOf } from './deadline-of.ts';
import { riskOf } from './decide-action.ts';

/**
 * Refuses an envelope that claims more authority than ticket and agent give: another agent or principal, or more time
 * than the run has. Only a forger writes such a one, so it fails with `digest-conflict`.
 */
export function refuseForeignAuthority(envelope: ActionEnvelope, admitted: AdmittedRun): void {
  const { ticket } = admitted;
  const isOurs =
    envelope.agent === ticket.agent &&
    envelope.agentVersion === ticket.agentVersion &&
    envelope.onBehalfOf === ticket.initiator &&
    Date.parse(envelope.expiresAt) <= Date.parse(deadlineOf(admitted));
  if (!isOurs) throw new CountersignError('digest-conflict');
}

/** Whether the tool is still the one that the action was decided for: reviewed as the same, and in the same class of risk. */
export function isToolOfEnvelope(envelope: ActionEnvelope, tool: CatalogueTool | undefined): boolean {
  return envelope.toolPin === (tool?.manifest.schema ?? '') && envelope.risk === riskOf(tool);
}
