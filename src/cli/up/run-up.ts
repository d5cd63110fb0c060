import { once } from 'node:events';
import { findDataFolderOwner } from '../../adapters/data-folder/open-data-folder.ts';
import { type Embedded, startEmbedded } from '../../main/embedded.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { isPortFree, portTaken } from '../server/free-ports.ts';
import type { Shell } from '../shell.ts';
import { factLines } from '../terminal/fact-lines.ts';
import { shownLine } from '../terminal/shown-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { modelName } from '../timeline/timeline-text.ts';

export interface UpOptions {
  readonly agents?: string;
  readonly policies?: string;
  readonly data?: string;
  readonly port?: number;
  readonly json?: true;
}

/** Everything embedded until somebody ends it. */
export async function runUp(shell: Shell, options: UpOptions): Promise<ExitCode> {
  const { configuration, interrupted } = shell;
  const terminal = shell.terminal(options);
  const data = options.data ?? configuration.dataFolder;
  const port = options.port ?? configuration.port;
  // Where the folder has an owner, that is what its opening will say; otherwise the port is somebody else’s.
  if ((await findDataFolderOwner(data)) === undefined) await refuseTakenPorts(port);
  const embedded = await startEmbedded({
    agents: options.agents ?? configuration.agentsFolder,
    policies: options.policies ?? configuration.policiesFolder,
    data,
    port,
    configuration,
    progress: (sentence) => terminal.note(sentence),
  });
  try {
    tellReady(terminal, embedded, data);
    await Promise.race([embedded.ended, interrupted.aborted ? undefined : once(interrupted, 'abort')]);
    terminal.note('Stopping; runs go on when it starts again. Ctrl-C again stops at once.');
    return interrupted.aborted ? exitCodes.interrupted : exitCodes.failure;
  } finally {
    await embedded.stop();
    terminal.emit({ event: 'stopped' });
  }
}

async function refuseTakenPorts(port: number): Promise<void> {
  if (port === 0) return;
  if (!(await isPortFree(port)) || !(await isPortFree(port + 1))) throw portTaken(port);
}

function tellReady(terminal: Terminal, embedded: Embedded, data: string): void {
  const { url, temporalUiUrl, temporalAddress, model, problems } = embedded;
  terminal.emit({
    event: 'ready',
    url,
    inbox: `${url}/approvals`,
    temporalUi: temporalUiUrl,
    temporalAddress,
    model,
    dataFolder: data,
    problems,
  });
  const { paint } = terminal;
  terminal.line(`\n${paint.good('✓')} ${paint.strong('Countersign is ready.')}\n`);
  const facts = [
    ['Inbox', paint.accent(`${url}/approvals`)],
    ['API', paint.accent(`${url}/openapi.json`)],
    ...(temporalUiUrl === '' ? [] : [['Temporal UI', paint.accent(temporalUiUrl)] as const]),
    ['Model', modelName(model.id, model.rehearsal)],
    ['Data', `${data} (log: ${data}/countersign.log)`],
  ] as const;
  for (const line of factLines(facts, paint)) terminal.line(line);
  if (problems.length > 0) {
    terminal.line(`\n${paint.bad('!')} These files are not valid; their last good version stays in force:`);
    for (const problem of problems) terminal.line(`  · ${shownLine(problem)}`);
  }
  terminal.line(`\n  Start a run with   ${paint.strong('countersign run AGENT --task "…"')}`);
  terminal.line('  Ctrl-C stops it.\n');
}
