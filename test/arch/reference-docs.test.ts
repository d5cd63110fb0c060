import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { referencePages } from '../../scripts/setup/reference-pages.ts';
import { repositoryRoot } from './source-files.ts';

test.each(referencePages())('docs/reference/$name says what the code says', ({ name, text }) => {
  expect(readFileSync(join(repositoryRoot, 'docs', 'reference', name), 'utf8')).toBe(text);
});
