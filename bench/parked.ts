import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { measureParked } from './parked/measure-parked.ts';
import { parkedLines } from './parked/parked-lines.ts';

const usage = 'usage: npm run bench:parked -- [--runs N] [--json FILE]';

function readArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string', default: '10000' }, json: { type: 'string' } },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 100_000) throw new RangeError('--runs takes a whole number');
  return { runs, jsonFile: values.json };
}

let wanted: ReturnType<typeof readArguments>;
try {
  wanted = readArguments(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exit(2);
}
const machine = describeMachine();
const parked = await measureParked(wanted.runs, (sentence) => void process.stderr.write(`${sentence}\n`));
process.stdout.write(`${parkedLines(parked)}\n`);
if (wanted.jsonFile !== undefined)
  await writeFile(wanted.jsonFile, `${JSON.stringify({ machine, parked }, null, 2)}\n`);
