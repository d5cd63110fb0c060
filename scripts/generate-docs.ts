import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { referencePages } from './setup/reference-pages.ts';

/** `npm run docs:generate`: writes the pages of docs/reference/ that are made from code. A test compares them. */
const folder = resolve(import.meta.dirname, '..', 'docs', 'reference');
await mkdir(folder, { recursive: true });
for (const { name, text } of referencePages()) {
  await writeFile(resolve(folder, name), text);
  console.log(`docs/reference/${name}`);
}
