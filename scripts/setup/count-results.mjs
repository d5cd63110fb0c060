/**
 * Counts what a finished vitest run proves. A file that does not load and an error outside of any test count as
 * one failed test each: otherwise a suite that breaks early would look smaller, and green.
 *
 * @param {import('vitest/node').Vitest} vitest
 * @returns {{ passed: number, failed: number, skipped: number }}
 */
export function countResults(vitest) {
  const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
  for (const module of vitest.state.getTestModules()) {
    const before = counts.failed;
    for (const test of module.children.allTests()) counts[test.result().state] += 1;
    const broken = module.state() === 'failed' || module.errors().length > 0;
    if (broken && counts.failed === before) counts.failed += 1;
  }
  counts.failed += vitest.state.getUnhandledErrors().length;
  return { passed: counts.passed, failed: counts.failed, skipped: counts.skipped + counts.pending };
}
