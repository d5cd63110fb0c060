import type { Command } from 'commander';
import { wholeNumberIn } from '../number-argument.ts';
import { collectInput, type RunOptions, startRun } from '../runs/start-run.ts';
import { withServerOptions } from '../server/server-options.ts';
import type { Shell } from '../shell.ts';

const afterHelp = `
Exit codes: 0 completed, 1 failed or cancelled, 3 refused by policy, 4 back early because people
have to answer first (--until-waiting, --no-wait), 130 Ctrl-C: the run itself goes on.`;

export function registerRun(program: Command, shell: Shell): void {
  const command = program
    .command('run')
    .summary('start a run and watch it')
    .description('Starts a run of an agent and shows its timeline until it ends, approvals and all.')
    .argument('<agent>', 'name of a published agent')
    .requiredOption('--task <text>', 'what is to be done, in your own words')
    .option('--agent-version <n>', 'version of the agent (default: the newest)', wholeNumberIn(1, 999_999_999))
    .option('--run-id <id>', 'id of the run; the same id and request again is the same run')
    .option('--input <key=value>', 'data for the run, repeatable', collectInput)
    .option('--inputs <file>', 'data for the run: a JSON file')
    .option('--wait', 'show the timeline and wait for the end (the default)')
    .option('--no-wait', 'return as soon as the run is admitted')
    .option('--until-waiting', 'wait until the run ends or a person has to answer');
  withServerOptions(command, 'initiator')
    .addHelpText('after', afterHelp)
    .action(shell.action((agent: string, options: RunOptions) => startRun(shell, agent, options)));
}
