import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPolicies } from '../../src/adapters/policy-cedar/open-policies.ts';
import { CountersignError } from '../../src/domain/countersign-error.ts';
import { startRunRequest } from '../../src/domain/policy-request.ts';
import { deskCatalogue } from './desk-catalogue.ts';
import { quietLog } from './quiet-log.ts';
import { temporaryFolder } from './temporary-folder.ts';

const catalogue = await deskCatalogue();
const start = startRunRequest({
  initiator: { id: 'initiator', kind: 'person', tenant: 'default', roles: ['initiator'], groups: [], acr: 'dev' },
  agent: { name: 'invoice-desk', version: 1, owner: 'ap-team' },
  tenant: 'default',
  taskAuthority: 'principal',
  nowMs: 0,
});

async function deskFolders() {
  return { folder: await temporaryFolder('policies'), catalogue, lastGood: await temporaryFolder(), log: quietLog() };
}

test('a broken policy never replaces a working bundle, and a mended one does', async () => {
  const options = await deskFolders();
  const policies = await openPolicies(options);
  const before = policies.policyDigest;

  await writeFile(join(options.folder, 'runs.cedar'), 'permit (principal');
  expect(await policies.reload()).toMatchObject([{ path: 'runs.cedar:1' }]);
  expect(policies.errors).toHaveLength(1);
  expect(policies.policyDigest).toBe(before);
  expect((await policies.evaluate(start)).verdict.kind).toBe('allow');

  await writeFile(
    join(options.folder, 'runs.cedar'),
    '@id("nobody-starts") @advice("Closed.") forbid (principal, action == Action::"start-run", resource);',
  );
  expect(await policies.reload()).toEqual([]);
  expect(policies.policyDigest).not.toBe(before);
  expect((await policies.evaluate(start)).verdict).toMatchObject({
    kind: 'deny',
    reasons: [{ rule: 'nobody-starts' }],
  });
});

test('a start with a broken policy uses the bundle that was last in force, and says so', async () => {
  const options = await deskFolders();
  const before = (await openPolicies(options)).policyDigest;
  await writeFile(join(options.folder, 'runs.cedar'), 'permit (principal');
  const policies = await openPolicies(options);
  expect(policies.policyDigest).toBe(before);
  expect(policies.errors).toHaveLength(1);
  expect(options.log.messages).toContain('policy-kept-last-good');
});

test('a first start with a broken policy fails, and names every file', async () => {
  const options = await deskFolders();
  await writeFile(join(options.folder, 'runs.cedar'), 'permit (principal');
  await writeFile(join(options.folder, 'answers.cedar'), 'forbid');
  const failure = await openPolicies(options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CountersignError);
  expect(failure).toMatchObject({
    code: 'policy-invalid',
    fields: [{ path: 'answers.cedar:1' }, { path: 'runs.cedar:1' }],
  });
});
