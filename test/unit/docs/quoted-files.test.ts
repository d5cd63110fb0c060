import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { importTable } from '../../arch/import-table.ts';

const pages = [
  ...(await readdir('.')).filter((name) => name.endsWith('.md')),
  ...(await readdir('docs', { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];
const texts = await Promise.all(pages.map(async (page) => [page, await readFile(page, 'utf8')] as const));
/** A fenced block whose first line is a comment with a path quotes that file, whole. */
function quotedFiles(text: string): readonly (readonly [string, string])[] {
  const blocks = [...text.matchAll(/^```\w+\n((?:\/\/|#) (docs\/\S+)\n[^]*?)^```$/gm)];
  return blocks.map(([, block = '', path = '']) => [path, block] as const);
}

test.each(texts.flatMap(([page, text]) => quotedFiles(text).map(([path, block]) => [page, path, block] as const)))(
  '%s quotes %s as it is',
  async (_page, path, block) => {
    const file = await readFile(path, 'utf8');
    expect([file, `${block.slice(0, block.indexOf('\n') + 1)}${file}`]).toContain(block);
  },
);

test('every link of a page leads to a file that is there', () => {
  const broken = texts.flatMap(([page, text]) =>
    [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map(([, target = '']) => normalize(join(dirname(page), target)).replace(/\/$/, ''))
      .filter((target) => !existsSync(target))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('every file that a page names in backticks is there', () => {
  const root = /^(?:src|test|activities|workflows|bench|scripts|docs|examples)\//;
  const missing = texts.flatMap(([page, text]) =>
    [...text.matchAll(/`([\w./-]+)`/g)]
      .map(([, name = '']) => name.replace(/\/$/, ''))
      .filter((name) => root.test(name) && !existsSync(name))
      .map((name) => `${page}: ${name}`),
  );
  expect(missing).toEqual([]);
});

test('the import table of ARCHITECTURE.md is the one that is enforced', async () => {
  const page = await readFile('ARCHITECTURE.md', 'utf8');
  const list = (names: readonly string[] | 'every' | undefined) =>
    names === 'every' ? 'every' : (names ?? []).join(', ') || '–';
  const rows = importTable.map((row) => {
    const files = row.files.map((file) => `\`${file}\``).join(', ');
    const apart = row.apart === true ? ', each folder apart from its siblings' : '';
    const types = row.typesOf === undefined ? [] : [`${row.typesOf.join(', ')} (types)`];
    const layers =
      row.layers === 'every' ? 'every' : [row.layers.join(', '), ...types].filter((part) => part !== '').join('; ');
    return `| ${row.layer} | ${files}${apart} | ${layers || '–'} | ${list(row.packages)} | ${list(row.builtins)} |`;
  });
  expect(page.split('\n').filter((line) => rows.includes(line))).toEqual(rows);
});
