import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCatalogue } from '../../../src/adapters/catalogue-files/open-catalogue.ts';
import { watchCatalogue } from '../../../src/adapters/catalogue-files/watch-catalogue.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import { maxReviewedFileBytes } from '../../../src/reviewed-files/read-reviewed-file.ts';
import { quietLog } from '../../policy/quiet-log.ts';
import { temporaryFolder } from '../../policy/temporary-folder.ts';

const server = 'servers/invoices.yaml';
const announced = 'servers/invoices.announced.json';
const agent = 'invoice-desk/agent.yaml';

async function deskOptions() {
  return { folder: await temporaryFolder('agents'), lastGood: await temporaryFolder(), log: quietLog() };
}

type Options = Awaited<ReturnType<typeof deskOptions>>;

async function edit({ folder }: Options, file: string, from: string | RegExp, to: string): Promise<void> {
  const text = await readFile(join(folder, file), 'utf8');
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  await writeFile(join(folder, file), edited);
}

/** Fields of the refusal of a first start, as `file#/path`. */
async function refusedFields(options: Options): Promise<string[]> {
  const failure = await openCatalogue(options).catch((error: unknown) => error);
  if (!(failure instanceof CountersignError)) throw new Error('the catalogue was not refused');
  expect(failure.code).toBe('manifest-invalid');
  return failure.fields.map(({ path }) => path);
}

test('the agents of this repository are published with their digests', async () => {
  const options = await deskOptions();
  const catalogue = await openCatalogue(options);
  const desk = catalogue.agent('invoice-desk');
  expect(desk?.manifestDigest).toMatch(/^sha256:/);
  expect(catalogue.agent('invoice-desk', 1)).toBe(desk);
  expect(catalogue.agent('invoice-desk', 99)).toBeUndefined();
  expect(catalogue.agent('nobody')).toBeUndefined();
  expect(catalogue.tool('invoices.schedule_payment')?.announced.name).toBe('schedule_payment');
  expect(catalogue.tool('invoices.nothing')).toBeUndefined();
  expect(catalogue.errors).toEqual([]);
});

describe('a file is refused, by name and field,', () => {
  test.each<[string, string, string | RegExp, string, string]>([
    ['with a field that nobody knows', agent, 'owner:', 'ownr:', `${agent}#/owner`],
    ['with a repeated key', agent, 'owner: ap-team', 'owner: ap-team\nowner: others', agent],
    [
      'with an agent that is not named like its folder',
      agent,
      'name: invoice-desk',
      'name: invoice-clerk',
      `${agent}#/name`,
    ],
    ['with a tool that no server has', agent, 'invoices.send_email', 'invoices.send_emails', `${agent}#/tools/9`],
    ['with a tool named twice', agent, 'invoices.send_email', 'invoices.read_message', `${agent}#/tools`],
    ['with a prompt that does not exist', agent, 'prompt.md', 'other.md', 'invoice-desk/other.md'],
    ['with a prompt that is a path', agent, 'prompt.md', '../../etc/passwd', `${agent}#/prompt`],
    ['with the folder above as its prompt', agent, 'prompt.md', "'..'", 'invoice-desk/..'],
    ['with a server that is not named like its file', server, 'name: invoices', 'name: invoice', `${server}#/name`],
    [
      'with a pin that is not the announcement’s',
      server,
      /sha256:[0-9a-f]{64}/,
      `sha256:${'0'.repeat(64)}`,
      `${server}#/tools/list_messages/schema`,
    ],
    ['with another address than was reviewed', server, '/mcp', '/other', `${server}#/tools/list_messages/schema`],
    [
      'with an argument that the tool does not have',
      server,
      'reference: payload',
      'remark: payload',
      `${server}#/tools/schedule_payment/args/remark`,
    ],
    [
      'with a compensation that does not exist',
      server,
      'compensate: cancel_payment',
      'compensate: undo',
      `${server}#/tools/schedule_payment/compensate`,
    ],
    [
      'with a probe that is no read tool',
      server,
      'retry: keyed',
      'retry: probe:cancel_payment',
      `${server}#/tools/schedule_payment/retry`,
    ],
    [
      'with a relation to a tool without records',
      server,
      'from: get_supplier',
      'from: read_invoice',
      `${server}#/tools/schedule_payment/relations/ibanOfSupplier/from`,
    ],
    [
      'with a relation from an argument that is not there',
      server,
      'equal: { iban: iban }',
      'equal: { iban: account }',
      `${server}#/tools/schedule_payment/relations/ibanOfSupplier/equal/iban`,
    ],
    [
      'with a relation to a field that is not answered',
      server,
      'is: { known: true }',
      'is: { friendly: true }',
      `${server}#/tools/send_email/relations/knownRecipient`,
    ],
    [
      'with a relation that leaves the lookup without its key',
      server,
      'key: { email: to }',
      'key: {}',
      `${server}#/tools/send_email/relations/knownRecipient/key`,
    ],
    [
      'with an announcement that was edited',
      announced,
      'Money leaves the company.',
      'Safe.',
      `${server}#/tools/schedule_payment/schema`,
    ],
  ])('%s', async (_what, file, from, to, field) => {
    const options = await deskOptions();
    await edit(options, file, from, to);
    expect(await refusedFields(options)).toContain(field);
  });

  test('together with every other that is wrong', async () => {
    const options = await deskOptions();
    await edit(options, agent, 'version: 1', 'version: one');
    await edit(options, server, 'compensate: cancel_payment', 'compensate: undo');
    await mkdir(join(options.folder, 'empty-desk'));
    const fields = await refusedFields(options);
    expect(fields).toEqual(
      expect.arrayContaining([
        `${agent}#/version`,
        `${server}#/tools/schedule_payment/compensate`,
        'empty-desk/agent.yaml',
      ]),
    );
  });

  test('where it is a symbolic link, to a file or to a folder', async () => {
    const options = await deskOptions();
    await rename(join(options.folder, 'invoice-desk/prompt.md'), join(options.folder, 'elsewhere.md'));
    await symlink('../elsewhere.md', join(options.folder, 'invoice-desk/prompt.md'));
    await symlink('invoice-desk', join(options.folder, 'second-desk'));
    expect(await refusedFields(options)).toEqual(expect.arrayContaining(['invoice-desk/prompt.md', 'second-desk']));
  });

  test('where it is over the limit, not UTF-8, or missing', async () => {
    const large = await deskOptions();
    await writeFile(join(large.folder, agent), ' '.repeat(maxReviewedFileBytes + 1));
    expect(await refusedFields(large)).toContain(agent);
    const binary = await deskOptions();
    await writeFile(join(binary.folder, 'invoice-desk/prompt.md'), Buffer.from([0xff, 0xfe]));
    expect(await refusedFields(binary)).toContain('invoice-desk/prompt.md');
    const missing = await deskOptions();
    await rm(join(missing.folder, announced));
    expect(await refusedFields(missing)).toContain(announced);
  });
});

test('a folder that is not there is refused', async () => {
  const options = await deskOptions();
  expect(await refusedFields({ ...options, folder: join(options.folder, 'nowhere') })).toEqual(['.']);
});

test('a broken file never replaces what is in force', async () => {
  const options = await deskOptions();
  const catalogue = await openCatalogue(options);
  const before = catalogue.agent('invoice-desk');
  await edit(options, agent, 'version: 1', 'version: one');
  expect((await catalogue.reload()).map(({ path }) => path)).toEqual([`${agent}#/version`]);
  expect(catalogue.errors).toHaveLength(1);
  expect(catalogue.agent('invoice-desk')).toBe(before);
});

test('a start with a broken file uses what was last in force, and says so', async () => {
  const options = await deskOptions();
  const before = (await openCatalogue(options)).agent('invoice-desk');
  await edit(options, server, 'name: invoices', 'name: [');
  const catalogue = await openCatalogue(options);
  expect(catalogue.agent('invoice-desk')?.manifestDigest).toBe(before?.manifestDigest);
  expect(catalogue.errors.map(({ path }) => path)).toContain(server);
  expect(options.log.messages).toContain('catalogue-kept-last-good');
});

test('a run stays with the version that it is pinned to, also over a restart', async () => {
  const options = await deskOptions();
  const catalogue = await openCatalogue(options);
  const first = catalogue.agent('invoice-desk');
  await edit(options, agent, 'version: 1', 'version: 2');
  await writeFile(join(options.folder, 'invoice-desk/prompt.md'), 'Something else.');
  expect(await catalogue.reload()).toEqual([]);
  for (const opened of [catalogue, await openCatalogue(options)]) {
    expect(opened.agent('invoice-desk')?.manifest.version).toBe(2);
    expect(opened.agent('invoice-desk', 1)?.prompt).toBe(first?.prompt);
    expect(opened.pinned(first?.manifestDigest ?? '')?.manifest.version).toBe(1);
  }
});

test('the digest of an agent changes with its prompt, its manifest and its tools', async () => {
  const digests = new Set<string | undefined>();
  for (const [file, from, to] of [
    [agent, 'owner: ap-team', 'owner: ap-team'],
    [agent, 'steps: 80', 'steps: 81'],
    [server, 'compensate: cancel_payment', 'timeout: 31s'],
    ['invoice-desk/prompt.md', 'clerk', 'assistant'],
  ] as const) {
    const options = await deskOptions();
    if (from !== to) await edit(options, file, from, to);
    digests.add((await openCatalogue(options)).agent('invoice-desk')?.manifestDigest);
  }
  expect(digests.size).toBe(4);
});

test('a change of the folder is seen, once it is quiet', async () => {
  const options = await deskOptions();
  const seen = new Promise<void>((resolve) => {
    const stop = watchCatalogue(options.folder, () => {
      stop();
      resolve();
    });
  });
  await edit(options, agent, 'steps: 80', 'steps: 81');
  await expect(seen).resolves.toBeUndefined();
});
