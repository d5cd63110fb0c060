export { agentRun } from './agent-run.workflow.ts';
