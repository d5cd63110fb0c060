/**
 * `npm test [-- filter… | vitest options]`: the whole suite; the last line is `N passed, N failed`.
 * The line is printed by the process that counts, after everything else has ended.
 */
import process from 'node:process';
import { parseCLI, startVitest } from 'vitest/node';
import { countResults } from './setup/count-results.mjs';

// What a developer's shell configures for the product must not reach the tests.
for (const name of Object.keys(process.env)) {
  if (name.startsWith('COUNTERSIGN_') && !/^COUNTERSIGN_(TEST_|CHROMIUM$)/.test(name)) delete process.env[name];
}

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)]);
const vitest = await startVitest('test', filter, { ...options, watch: false, run: true });
const { passed, failed, skipped } = countResults(vitest);
await vitest.close();

if (skipped > 0) console.log(`${skipped} skipped: a skipped test proves nothing, so it counts as failed.`);
if (passed + failed + skipped === 0) console.log('No test ran.');
const succeeded = passed > 0 && failed + skipped === 0;
await new Promise((written) => process.stdout.write(`\n${passed} passed, ${failed + skipped} failed\n`, written));
process.exit(succeeded ? 0 : 1);
