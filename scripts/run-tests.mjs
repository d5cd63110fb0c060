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

const { passed, failed } = await runTests(process.argv.slice(2)).catch((error) => {
  console.error(error);
  return { passed: 0, failed: 1 };
});
// `.ci/run` says here how many of its checks failed, so that the closing line is the whole verdict.
const failures = failed + Number(process.env.COUNTERSIGN_TEST_FAILED_CHECKS ?? 0);
await new Promise((written) => process.stdout.write(`\n${passed} passed, ${failures} failed\n`, written));
process.exit(failures === 0 ? 0 : 1);

async function runTests(args) {
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const vitest = await startVitest('test', filter, { ...options, watch: false, run: true });
  const counts = countResults(vitest);
  await vitest.close();
  if (counts.skipped > 0)
    console.log(`${counts.skipped} skipped: a skipped test proves nothing, so it counts as failed.`);
  const ran = counts.passed + counts.failed + counts.skipped;
  if (ran === 0) console.log('No test ran, which counts as a failure.');
  return { passed: counts.passed, failed: ran === 0 ? 1 : counts.failed + counts.skipped };
}
