import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { exitOfRun } from '../exit-of-run.ts';
import { clientAs } from '../server/connect.ts';
import { demoFolderName, overLoopback } from '../server/find-server.ts';
import { freePortPair, isPortFree, portTaken } from '../server/free-ports.ts';
import type { Shell } from '../shell.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { type DemoPlan, openDemoFolder, refuseIfOwned, removeDemoFolder } from './demo-folder.ts';
import { demoSummary } from './demo-summary.ts';
import { tellBeginning, tellEnd, tellLinks, tellStopping } from './demo-words.ts';
import { deskPort } from './desk-process.ts';
import { createDeskWords } from './desk-words.ts';
import { followDemo } from './follow-demo.ts';
import { approveAsScripted } from './scripted-approver.ts';
import { type House, startHouse } from './start-house.ts';

export interface DemoOptions {
  readonly yes?: true;
  readonly fresh?: true;
  readonly data?: string;
  readonly port?: number;
  readonly deskPort?: number;
  readonly json?: true;
}

const checkout = fileURLToPath(new URL('../../../', import.meta.url));
const suppliersFile = new URL('../../../examples/invoice-desk/data/suppliers.json', import.meta.url);
const usualDeskPort = 8931;
const agent = 'invoice-desk';
const task =
  'Work through the invoice mailbox until the inbox is empty: pay what is in order, flag what is not, and file every message.';

/** The invoice desk from the first line to the summary. */
export async function runDemo(shell: Shell, options: DemoOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const folder = resolve(options.data ?? join(shell.configuration.dataFolder, demoFolderName));
  await refuseIfOwned(folder);
  if (options.fresh === true) await removeDemoFolder(folder);
  const plan = await openDemoFolder(folder, task);
  tellBeginning(terminal, plan, folder);
  whenInterrupted(shell.interrupted, () => tellStopping(terminal));
  const house = await startHouse({
    folder,
    agents: join(checkout, 'agents'),
    policies: join(checkout, 'policies'),
    port: await apiPort(shell, options),
    deskPort: await deskPort(options.deskPort, usualDeskPort),
    configuration: shell.configuration,
    progress: (message) =>
      terminal.json ? terminal.emit({ event: 'progress', message }) : terminal.note(`  ${message}`),
    interrupted: shell.interrupted,
  });
  try {
    return await work(shell, terminal, house, plan, {
      folder,
      isScripted: options.yes === true || !terminal.interactive,
    });
  } finally {
    await house.stop();
  }
}

function whenInterrupted(signal: AbortSignal, tell: () => void): void {
  if (signal.aborted) tell();
  else signal.addEventListener('abort', tell, { once: true });
}

/** A port that was asked for is the one, or none; the usual one gives way to whoever has it. */
async function apiPort({ configuration }: Shell, { port }: DemoOptions): Promise<number> {
  if (port === undefined) return freePortPair(configuration.port);
  if (port !== 0 && !((await isPortFree(port)) && (await isPortFree(port + 1)))) throw portTaken(port);
  return port;
}

interface Manner {
  readonly folder: string;
  /** Nobody sits there: approvals are answered by a script. */
  readonly isScripted: boolean;
}

async function work(
  { interrupted }: Shell,
  terminal: Terminal,
  house: House,
  plan: DemoPlan,
  { folder, isScripted }: Manner,
): Promise<ExitCode> {
  const { embedded } = house;
  const server = { url: overLoopback(embedded.url), dataFolder: folder };
  const client = clientAs(server, 'initiator');
  const begun = await client.runs.start({ runId: plan.runId, agent, task: plan.task });
  tellLinks(terminal, embedded, begun, { folder, isScripted });
  const words = createDeskWords(suppliersFile);
  const signal = AbortSignal.any([interrupted, house.trouble]);
  const items = await followDemo(client, begun, signal, {
    terminal,
    wording: words.wording,
    pages: embedded.url,
    approve: isScripted
      ? (approvalId, until) => approveAsScripted(clientAs(server, 'approver'), approvalId, until)
      : undefined,
  });
  const run = await client.runs.get(plan.runId);
  tellEnd(terminal, run, demoSummary(run, items), words);
  if (isScripted) return exitOfRun(run.state);
  terminal.line('\n  Everything keeps running, so that you can look around. Ctrl-C stops it.');
  if (!signal.aborted) await once(signal, 'abort');
  if (!interrupted.aborted) throw signal.reason;
  return run.state === 'completed' ? exitCodes.ok : exitOfRun(run.state);
}
