import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const page = await readFile('docs/reference/approval-attacks.md', 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| attack |'));
const proof = /`(test\/[\w./-]+\.test\.ts)`: "([^"]+)" \|$/;

test('every attack names the test that tries it', () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter((row) => !proof.test(row))).toEqual([]);
});

test.each(rows.flatMap((row) => [proof.exec(row)?.slice(1) ?? []]))(
  '%s holds the rule "%s"',
  async (file = '', name = '') => {
    expect(await readFile(file, 'utf8')).toContain(name);
  },
);
