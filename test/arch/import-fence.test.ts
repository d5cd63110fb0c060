import { describe, expect, test } from 'vitest';
import { findForbiddenImports } from './check-imports.ts';
import { findCycles } from './find-cycles.ts';
import { readSourceFiles } from './source-files.ts';

const files = readSourceFiles();

test('every import is one that the table allows', () => {
  expect(findForbiddenImports(files, files)).toEqual([]);
});

test('no file imports itself, however long the way round', () => {
  expect(findCycles(files)).toEqual([]);
});

describe('a planted breach is found', () => {
  const plant = (path: string, text: string) => findForbiddenImports([{ path, text }], files);

  test.each([
    ['domain imports a package', 'src/domain/x.ts', "import { z } from 'zod';"],
    ['domain imports a builtin', 'src/domain/x.ts', "import 'node:crypto';"],
    ['domain imports a type of a package', 'src/domain/x.ts', "import type { z } from 'zod';"],
    ['domain imports a contract', 'src/domain/x.ts', "import type { A } from '../contracts/agent.schema.ts';"],
    [
      'ports import a contract’s value',
      'src/ports/x.ts',
      "import { agentSchema } from '../contracts/agent.schema.ts';",
    ],
    ['ports hide a value beside a type', 'src/ports/x.ts', "import { type A, b } from '../contracts/agent.schema.ts';"],
    ['workflows import a builtin', 'workflows/x.ts', "import { randomUUID } from 'node:crypto';"],
    ['workflows import Zod', 'workflows/x.ts', "import { z } from 'zod';"],
    [
      'workflows import a contract’s value',
      'workflows/x.ts',
      "import { a } from '../src/contracts/run-activities.ts';",
    ],
    ['workflows re-export a contract’s value', 'workflows/x.ts', "export * from '../src/contracts/run-activities.ts';"],
    ['workflows import an activity', 'workflows/x.ts', "import type { A } from '../activities/activity-deps.ts';"],
    ['workflows load an activity later', 'workflows/x.ts', "const a = await import('../activities/activity-deps.ts');"],
    [
      'workflows name an adapter in a type',
      'workflows/x.ts',
      "type A = import('../src/adapters/data-folder/data-folder.ts').DataFolder;",
    ],
    ['activities import an adapter', 'activities/x.ts', "import '../src/adapters/data-folder/data-folder.ts';"],
    ['activities import the client', 'activities/x.ts', "import { Client } from '@temporalio/client';"],
    ['the API imports an activity', 'src/api/x.ts', "import '../../activities/activity-deps.ts';"],
    ['the API imports workflow code', 'src/api/x.ts', "import '../../workflows/agent-run.workflow.ts';"],
    ['pages import an adapter', 'src/web/x.ts', "import '../adapters/data-folder/data-folder.ts';"],
    ['the client uses Node', 'src/client/x.ts', "import 'node:fs';"],
    ['an adapter imports another', 'src/adapters/data-folder/x.ts', "import '../temporal-server/free-port.ts';"],
    ['an adapter imports a workflow', 'src/adapters/data-folder/x.ts', "import '../../../workflows/messages.ts';"],
    ['the engine imports a test', 'src/adapters/data-folder/x.ts', "import '../../../test/setup/task-queue.ts';"],
    ['the engine imports set-up', 'src/main/x.ts', "import '../../scripts/setup/setup-error.mjs';"],
    ['an import is computed', 'src/main/x.ts', 'await import(process.argv[2]);'],
    ['an import goes through require', 'src/domain/x.ts', "import a = require('node:fs');"],
    ['an import goes through a made require', 'src/domain/x.ts', "createRequire(import.meta.url)('fs');"],
    ['a builtin hides its name', 'src/adapters/data-folder/x.ts', "import 'fs';"],
    ['a file lies outside the layout', 'src/utils/x.ts', ''],
  ])('%s', (_, path, text) => {
    expect(plant(path, text)).toHaveLength(1);
  });

  test('an allowed import is let through', () => {
    expect(plant('workflows/x.ts', "import type { A } from '../src/contracts/run-activities.ts';")).toEqual([]);
    expect(plant('src/digest/x.ts', "import { createHash } from 'node:crypto';")).toEqual([]);
    expect(plant('src/api/x.ts', "import '../../workflows/messages.ts';")).toEqual([]);
  });

  test('a cycle is found, also one of types', () => {
    const cycle = [
      { path: 'src/domain/a.ts', text: "import type { B } from './b.ts';" },
      { path: 'src/domain/b.ts', text: "export { c } from './c.ts';" },
      { path: 'src/domain/c.ts', text: "type A = import('./a.ts').A;" },
    ];
    expect(findCycles(cycle)).toEqual(['src/domain/a.ts → src/domain/b.ts → src/domain/c.ts → src/domain/a.ts']);
  });

  test('a file that does not parse is not let through', () => {
    expect(() => plant('src/domain/x.ts', 'import {')).toThrow();
  });
});
