import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { openNudgeChannels } from '../../../src/adapters/nudge-channels-file/open-nudge-channels.ts';
import { parseNudgesFile } from '../../../src/adapters/nudge-channels-file/parse-nudges-file.ts';
import { referredSecret, secretOf } from '../../../src/config/secret.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import { eventually } from '../../support/eventually.ts';
import { signingKey } from './nudge-fixture.ts';

const log = { info: () => undefined, warn: () => undefined };
const chatUrl = 'https://chat.example.test/hooks/secret-path';
const variables = {
  COUNTERSIGN_SECRET_KEY: secretOf(signingKey),
  COUNTERSIGN_SECRET_CHAT: secretOf(chatUrl),
  COUNTERSIGN_SECRET_PLAIN: secretOf('http://chat.example.test/'),
};
const readSecret = (reference: string) => referredSecret(reference, variables);

const key = 'env:COUNTERSIGN_SECRET_KEY';
const whole = {
  apiVersion: 'countersign/v1',
  kind: 'Nudges',
  remindWhenLeft: 0.5,
  webhooks: { 'ap-chat': { url: 'env:COUNTERSIGN_SECRET_CHAT', key } },
  mail: { ada: 'ada@example.test' },
  smtp: {
    host: 'smtp.example.test',
    port: 587,
    tls: 'starttls',
    user: 'countersign',
    password: key,
    from: 'countersign@example.test',
  },
  roles: { approver: ['ap-chat', 'ada'] },
  owners: { 'ap-team': ['ada'] },
};

const parse = (file: object) => parseNudgesFile('nudges.yaml', stringify(file), readSecret);
const problemsOf = (file: object) => parse(file).problems.map(({ path }) => path);

describe('a file of channels', () => {
  test('says who is told, with its secrets in place', () => {
    const { routing } = parse(whole);
    expect(routing?.remindWhenLeft).toBe(0.5);
    expect(routing?.roles.get('approver')).toEqual(['ap-chat', 'ada']);
    expect(routing?.owners.get('ap-team')).toEqual(['ada']);
    const chat = routing?.channels.get('ap-chat');
    expect(chat?.medium === 'webhook' ? [chat.url.reveal(), chat.key.reveal()] : []).toEqual([chatUrl, signingKey]);
    expect(routing?.channels.get('ada')).toMatchObject({ medium: 'mail', address: 'ada@example.test' });
    expect(JSON.stringify(routing?.channels.get('ap-chat'))).not.toContain('secret-path');
  });

  test('is what the guide shows', async () => {
    const shown = await readFile('docs/guides/nudges.yaml', 'utf8');
    const anySecret = (reference: string) => secretOf(reference.endsWith('chat-url') ? chatUrl : signingKey);
    expect(parseNudgesFile('nudges.yaml', shown, anySecret).problems).toEqual([]);
  });

  test('reminds when a quarter is left, unless it says otherwise', () => {
    expect(parse({ apiVersion: 'countersign/v1', kind: 'Nudges' }).routing?.remindWhenLeft).toBe(0.25);
  });

  test.each<readonly [string, object, string]>([
    ['a field that nobody knows', { ...whole, also: 1 }, 'nudges.yaml'],
    [
      'a field of a webhook that nobody knows',
      { ...whole, webhooks: { 'ap-chat': { url: chatUrl, key, to: 1 } } },
      'nudges.yaml#/webhooks/ap-chat',
    ],
    [
      'plain http beyond loopback',
      { ...whole, webhooks: { 'ap-chat': { url: 'http://chat.example.test/', key } } },
      'nudges.yaml#/webhooks/ap-chat/url',
    ],
    [
      'plain http in a secret',
      { ...whole, webhooks: { 'ap-chat': { url: 'env:COUNTERSIGN_SECRET_PLAIN', key } } },
      'nudges.yaml#/webhooks/ap-chat/url',
    ],
    [
      'a password in an address',
      { ...whole, webhooks: { 'ap-chat': { url: 'https://u:p@chat.example.test/', key } } },
      'nudges.yaml#/webhooks/ap-chat/url',
    ],
    [
      'a key in the file itself',
      { ...whole, webhooks: { 'ap-chat': { url: chatUrl, key: signingKey } } },
      'nudges.yaml#/webhooks/ap-chat/key',
    ],
    [
      'a key that is none',
      { ...whole, webhooks: { 'ap-chat': { url: chatUrl, key: 'env:COUNTERSIGN_SECRET_PLAIN' } } },
      'nudges.yaml#/webhooks/ap-chat/key',
    ],
    [
      'a secret that is not there',
      { ...whole, webhooks: { 'ap-chat': { url: chatUrl, key: 'env:COUNTERSIGN_SECRET_NONE' } } },
      'nudges.yaml#/webhooks/ap-chat/key',
    ],
    [
      'a variable that is no secret',
      { ...whole, webhooks: { 'ap-chat': { url: chatUrl, key: 'env:HOME' } } },
      'nudges.yaml#/webhooks/ap-chat/key',
    ],
    [
      'a file that is not there',
      { ...whole, smtp: { ...whole.smtp, password: 'file:/nowhere/at/all' } },
      'nudges.yaml#/smtp/password',
    ],
    [
      'certificates that are none',
      { ...whole, smtp: { ...whole.smtp, ca: '/nowhere/at/all' } },
      'nudges.yaml#/smtp/ca',
    ],
    ['mail without a server', { ...whole, smtp: undefined }, 'nudges.yaml#/smtp'],
    [
      'a user without password',
      { ...whole, smtp: { ...whole.smtp, password: undefined } },
      'nudges.yaml#/smtp/password',
    ],
    ['no encryption beyond loopback', { ...whole, smtp: { ...whole.smtp, tls: 'none' } }, 'nudges.yaml#/smtp/tls'],
    [
      'one name twice',
      { ...whole, mail: { 'ada': 'ada@example.test', 'ap-chat': 'b@example.test' } },
      'nudges.yaml#/mail/ap-chat',
    ],
    [
      'a role with a channel that is not there',
      { ...whole, roles: { approver: ['ap-chta'] } },
      'nudges.yaml#/roles/approver/0',
    ],
    ['a share beyond the whole', { ...whole, remindWhenLeft: 1 }, 'nudges.yaml#/remindWhenLeft'],
  ])('is refused with %s', (_what, file, path) => {
    expect(problemsOf(file)).toEqual([path]);
  });

  test.each([
    'ada@example.test\r\nBcc: eve@example.test',
    'ada@example.test, eve@example.test',
    '"ada" <ada@example.test>',
    'ada@example.test>',
    'ada @example.test',
    'ada',
    'ada@',
    'ada@example.test\u0000',
  ])('is refused with the address %j', (address) => {
    expect(problemsOf({ ...whole, mail: { ada: address } })).toEqual(['nudges.yaml#/mail/ada']);
    expect(problemsOf({ ...whole, smtp: { ...whole.smtp, from: address } })).toEqual(['nudges.yaml#/smtp/from']);
  });

  test('is never quoted by what is said of it', () => {
    const broken = { ...whole, webhooks: { 'ap-chat': { url: 'ftp://secret-place', key: 'whsec_c2VjcmV0' } } };
    expect(JSON.stringify(parse(broken).problems)).not.toMatch(/secret-place|c2VjcmV0/);
  });
});

describe('a file on disk', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-nudges-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = (text: string) => writeFile(join(folder, 'nudges.yaml'), text);
  const open = () =>
    openNudgeChannels({ path: join(folder, 'nudges.yaml'), lastGood: join(folder, 'good'), readSecret, log });

  test('that is broken never replaces one that worked', async () => {
    await write(stringify(whole));
    const channels = await open();
    const working = channels.inForce();
    await write('kind: Nudges\nsurprise: 1\n');
    expect((await channels.reload()).length).toBeGreaterThan(0);
    expect(channels.inForce()).toBe(working);
    await rm(join(folder, 'nudges.yaml'));
    expect((await channels.reload()).map(({ rule }) => rule)).toEqual(['must exist']);
    expect(channels.inForce()).toBe(working);
    await write(stringify({ ...whole, remindWhenLeft: 0.1 }));
    expect(await channels.reload()).toEqual([]);
    expect(channels.inForce().remindWhenLeft).toBe(0.1);
  });

  test('that is broken at a start leaves the last good one in force', async () => {
    await write(stringify(whole));
    await open();
    await write('not: ours\n');
    const channels = await open();
    expect(channels.errors.length).toBeGreaterThan(0);
    expect(channels.inForce().roles.get('approver')).toEqual(['ap-chat', 'ada']);
  });

  test('that was never good fails the start, with every field that is wrong', async () => {
    await write(stringify({ ...whole, remindWhenLeft: 7, roles: { approver: [] } }));
    const error = await open().catch((cause: unknown) => cause);
    expect(error instanceof CountersignError && [error.code, error.fields.length]).toEqual([
      'invalid-configuration',
      2,
    ]);
  });

  test('that changes is read again', async () => {
    await write(stringify(whole));
    const channels = await open();
    const stop = channels.watch();
    await write(stringify({ ...whole, remindWhenLeft: 0.75 }));
    const seen = await eventually(async () => {
      const { remindWhenLeft } = channels.inForce();
      return remindWhenLeft === 0.5 ? undefined : remindWhenLeft;
    }, 'another share');
    stop();
    expect(seen).toBe(0.75);
  });
});
