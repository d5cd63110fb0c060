import type { Command } from 'commander';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { exitOfRun } from '../exit-of-run.ts';
import { wholeNumberIn } from '../number-argument.ts';
import { followRun } from '../runs/follow-run.ts';
import { runTable, tellRun } from '../runs/run-words.ts';
import { type SteerOptions, steerRun } from '../runs/steer-run.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import { withServerOptions } from '../server/server-options.ts';
import type { Shell } from '../shell.ts';

interface RunsOptions extends ServerOptions {
  readonly limit?: number;
  readonly follow?: true;
  readonly json?: true;
}

export function registerRuns(program: Command, shell: Shell): void {
  const command = program
    .command('runs')
    .summary('list runs, show one, or say something to one')
    .helpCommand(false)
    // what stands behind `steer` belongs to it
    .enablePositionalOptions()
    .description('Lists the latest runs, or shows one with its answer.')
    .argument('[id]', 'id of a run')
    .option('--follow', 'with an id: its whole timeline, live until it ends')
    .option('--limit <n>', 'how many to list (default: 20)', wholeNumberIn(1, 200));
  withServerOptions(command, 'initiator').action(
    shell.action((id: string | undefined, options: RunsOptions) =>
      id === undefined ? listRuns(shell, options) : showRun(shell, id, options),
    ),
  );

  const steer = command
    .command('steer')
    .description('Says something to your own run while it is under way; its next turn reads it.')
    .argument('<run>', 'id of the run')
    .requiredOption('--text <text>', 'your own words; what the run may do stays as it is')
    .option('--key <key>', 'the same key and text again is the same message');
  withServerOptions(steer, 'initiator').action(
    shell.action((runId: string, options: SteerOptions) => steerRun(shell, runId, options)),
  );
}

async function listRuns(shell: Shell, options: RunsOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client } = await connect(options, shell.configuration, 'initiator');
  const page = await client.runs.list({ limit: options.limit ?? 20 }, { signal: shell.interrupted });
  terminal.emit(page);
  if (page.items.length === 0) terminal.line('No runs yet. Start one with `countersign run AGENT --task "…"`.');
  else for (const line of runTable(page.items, terminal.columns)) terminal.line(line);
  if (page.next !== undefined)
    terminal.line(terminal.paint.faint(`The latest ${page.items.length}; --limit shows more.`));
  return exitCodes.ok;
}

async function showRun(shell: Shell, runId: string, options: RunsOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client, pages } = await connect(options, shell.configuration, 'initiator');
  if (options.follow === true) {
    const run = await followRun({ shell, terminal, client, pages }, runId, 'end');
    terminal.emit({ event: 'run', run });
    return exitOfRun(run.state);
  }
  const run = await client.runs.get(runId, { signal: shell.interrupted });
  terminal.emit(run);
  tellRun(terminal, run, pages);
  return exitCodes.ok;
}
