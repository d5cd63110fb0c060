import { InvalidArgumentError } from 'commander';
import type { StartRun } from '../../contracts/http/run.schema.ts';
import { isJsonValue, type JsonValue } from '../../domain/json.ts';
import { isClosed } from '../../domain/run.ts';
import { type ExitCode, exitCodes } from '../exit-code.ts';
import { exitOfRun } from '../exit-of-run.ts';
import { readTextFile } from '../read-text-file.ts';
import { connect } from '../server/connect.ts';
import type { ServerOptions } from '../server/find-server.ts';
import type { Shell } from '../shell.ts';
import { UsageError } from '../usage-error.ts';
import { followRun } from './follow-run.ts';
import { tellRun } from './run-words.ts';

export interface RunOptions extends ServerOptions {
  readonly task: string;
  readonly agentVersion?: number;
  readonly runId?: string;
  readonly input?: Readonly<Record<string, string>>;
  readonly inputs?: string;
  /** False with `--no-wait`; undefined where neither form is given. */
  readonly wait?: boolean;
  readonly untilWaiting?: true;
  readonly json?: true;
}

const maxInputBytes = 200_000;
const maxInputDepth = 16;

export async function startRun(shell: Shell, agent: string, options: RunOptions): Promise<ExitCode> {
  const terminal = shell.terminal(options);
  const { client, pages } = await connect(options, shell.configuration, 'initiator');
  const run = await client.runs.start(await requestOf(agent, options), { signal: shell.interrupted });
  if (options.wait === false) {
    terminal.emit(run);
    tellRun(terminal, run, pages);
    return run.state === 'waiting' ? exitCodes.waiting : exitCodes.ok;
  }
  terminal.note(`${pages}${run.links.page}`);
  const last = await followRun(
    { shell, terminal, client, pages },
    run.runId,
    options.untilWaiting === true ? 'first-question' : 'end',
  );
  terminal.emit({ event: 'run', run: last });
  if (isClosed(last.state) && last.output !== undefined) tellRun(terminal, last, pages);
  return exitOfRun(last.state);
}

async function requestOf(agent: string, { task, agentVersion, runId, input, inputs }: RunOptions): Promise<StartRun> {
  if (input !== undefined && inputs !== undefined) throw new UsageError('--input and --inputs cannot both be given.');
  const data = inputs === undefined ? input : await readInputs(inputs);
  return {
    agent,
    task,
    ...(agentVersion !== undefined && { version: agentVersion }),
    ...(runId !== undefined && { runId }),
    ...(data !== undefined && { inputs: data }),
  };
}

async function readInputs(file: string): Promise<JsonValue> {
  const value = jsonIn(await readTextFile(file, maxInputBytes));
  if (isJsonValue(value, maxInputDepth)) return value;
  throw new UsageError(`--inputs: the JSON nests deeper than ${maxInputDepth} levels.`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('--inputs: the file is not JSON.');
  }
}

/** Gathers `--input key=value`, each key once. */
export function collectInput(
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  const key = text.slice(0, Math.max(0, at));
  if (!/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(key)) throw new InvalidArgumentError('It must be key=value.');
  if (before !== undefined && Object.hasOwn(before, key))
    throw new InvalidArgumentError(`The key ${key} is given twice.`);
  return { ...before, [key]: text.slice(at + 1) };
}
