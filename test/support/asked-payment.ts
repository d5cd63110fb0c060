import { eventually } from './eventually.ts';
import { type Governed, type GovernedSettings, startGoverned } from './governed.ts';

export const pay = {
  name: 'pay',
  effect: 'irreversible',
  inputSchema: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
  run: () => ({ paid: true }),
} as const;

/** Every payment waits for people. */
export const asking = (ttl: string, { quorum = 1, stepUp = false } = {}) => `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{\\"quorum\\":${quorum},\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"${ttl}\\",\\"stepUp\\":${stepUp}}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

/** An installation whose agent has started and waits for an answer about a payment. `opened` gets it before the run starts. */
export async function askedPayment(
  settings: Pick<GovernedSettings, 'script'> & Partial<GovernedSettings>,
  opened: (at: Governed) => void,
) {
  const at = await startGoverned({ tools: [pay], policy: asking('5m'), ...settings });
  opened(at);
  const initiator = await at.as('initiator');
  await initiator.runs.start({ runId: at.runId, agent: 'tester', task: 'pay' });
  const approval = await eventually(
    async () => (await initiator.approvals.list({ state: 'pending' })).items[0],
    'a pending approval',
  );
  return { at, initiator, approval };
}
