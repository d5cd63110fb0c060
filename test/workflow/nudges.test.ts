import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { createNudgeSender } from '../../src/main/nudge-sender.ts';
import { call, say } from '../fakes/openai-host.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../fakes/smtp-receiver.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../fakes/webhook-receiver.ts';
import { eventually } from '../support/eventually.ts';
import { type Governed, startGoverned } from '../support/governed.ts';
import { mandate, scripted } from '../support/scripted-model.ts';
import { byName, mailTo, webhookTo } from '../unit/nudges/nudge-fixture.ts';

const marker = `marker-${randomUUID()}`;
const amount = 918_273.64;

const pay = {
  name: 'pay',
  effect: 'irreversible',
  inputSchema: {
    type: 'object',
    properties: { amount: { type: 'number' }, to: { type: 'string' }, note: { type: 'string' } },
    required: ['amount'],
  },
  args: { amount: 'route', to: 'route', note: 'payload' },
  run: () => ({ paid: true }),
} as const;

const asking = `
  @id("paying") @advice("Paying is permitted.") permit (principal, action, resource);
  @id("pay-asks") @advice("Payments need a person.")
  @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"8s\\",\\"stepUp\\":false}")
  forbid (principal, action == Action::"desk__pay", resource) unless { context.approval.granted };`;

let governed: Governed | undefined;
let chat: WebhookReceiver | undefined;
let post: SmtpReceiver | undefined;
afterEach(async () => {
  await governed?.stop();
  await chat?.close();
  await post?.close();
});

test('people are told of a question, reminded, and told that it ran out, without a word of what is asked', async () => {
  chat = await startWebhookReceiver();
  post = await startSmtpReceiver();
  const routing = {
    remindWhenLeft: 0.25,
    channels: byName(webhookTo(chat.url), mailTo(post.port)),
    roles: new Map([['approver', ['chat', 'ada']]]),
    owners: new Map([['test-team', ['chat', 'ada']]]),
  };
  const args = { amount, to: `${marker}@example.test`, note: `please ${marker}` };
  governed = await startGoverned({
    tools: [pay],
    policy: asking,
    script: scripted(mandate({ pay: 1 }), [call('desk__pay', args), say(`Done ${marker}.`)]),
    nudging: { channels: { inForce: () => routing }, sender: createNudgeSender(), everyMs: 50 },
  });
  const initiator = await governed.as('initiator');
  const { runId } = governed;
  await initiator.runs.start({ runId, agent: 'tester', task: `pay ${marker}` });
  const told = await eventually(
    async () =>
      chat !== undefined && post !== undefined && chat.received.length + post.received.length >= 6 ? chat : undefined,
    'three messages on each channel',
    20_000,
  );
  const approval = (await initiator.approvals.list({})).items[0];
  const bodies = told.received.map(({ body }) => JSON.parse(body) as { countersign: Record<string, unknown> });
  expect(bodies.map(({ countersign }) => countersign['occasion'])).toEqual(['opened', 'reminder', 'expired']);
  expect(bodies[0]?.countersign).toMatchObject({
    approvalId: approval?.approvalId,
    agent: 'tester',
    tool: 'desk.pay',
    url: `${governed.api.url}/approvals/${approval?.approvalId}`,
  });
  const sent = [
    ...told.received.map(({ headers, body, path }) => JSON.stringify(headers) + body + path),
    ...post.received.flatMap(({ raw }) => [raw, unfolded(raw)]),
  ].join('\n');
  for (const secret of [marker, String(amount), '918', runId, 'initiator']) expect(sent).not.toContain(secret);

  const { outbox } = governed.records.storage;
  const nudges = await eventually(async () => {
    const sent = (await outbox.ofRun('default', runId, 0, 500)).filter(({ kind }) => kind === 'nudge-sent');
    return sent.length === 6 ? sent : undefined;
  }, 'a record of each message');
  expect(JSON.stringify(nudges)).not.toContain('example.test');
  const seen: string[] = [];
  for await (const { event } of initiator.runs.events(runId)) seen.push(event);
  expect(seen).toContain('approval-closed');
  expect(seen.filter((event) => event.startsWith('nudge'))).toEqual([]);
});

test('the next role and the agent’s owner are told while there is time, without a word of what is asked', async () => {
  chat = await startWebhookReceiver();
  post = await startSmtpReceiver();
  const pager = await startWebhookReceiver();
  try {
    const routing = {
      remindWhenLeft: 0.9,
      channels: byName(webhookTo(chat.url), webhookTo(pager.url, 'pager'), mailTo(post.port)),
      roles: new Map([
        ['approver', ['chat']],
        ['lead', ['pager']],
      ]),
      owners: new Map([['test-team', ['ada', 'pager']]]),
    };
    const args = { amount, to: `${marker}@example.test`, note: `please ${marker}` };
    const ladder = `ttl: 5m, widen: [{after: 2s, roles: [lead]}], remind: 4s`;
    governed = await startGoverned({
      tools: [pay],
      policy: asking.replace(/@ask\(.*\)/, `@ask("{quorum: 1, roles: [approver], ${ladder}}")`),
      script: scripted(mandate({ pay: 1 }), [call('desk__pay', args), say(`Done ${marker}.`)]),
      nudging: { channels: { inForce: () => routing }, sender: createNudgeSender(), everyMs: 50 },
    });
    const { runId } = governed;
    await (await governed.as('initiator')).runs.start({ runId, agent: 'tester', task: `pay ${marker}` });
    const mail = post;
    await eventually(
      async () => (mail.received.length > 0 && pager.received.length > 1 ? true : undefined),
      'the alarm and the reminder',
      20_000,
    );
    const occasions = ({ received }: WebhookReceiver) =>
      received.map(({ body }) => (JSON.parse(body) as { countersign: { occasion: string } }).countersign.occasion);
    await eventually(async () => (chat?.received.length === 2 ? true : undefined), 'the reminder in the chat');
    expect([occasions(chat), occasions(pager)]).toEqual([
      ['opened', 'reminder'],
      ['widened', 'reminder'],
    ]);
    expect(mail.received).toHaveLength(1);
    const alarm = unfolded(mail.received[0]?.raw ?? '');
    expect(alarm).toContain('Still not decided');
    expect(alarm).toContain('somebody else has to answer');
    const sent = [...chat.received, ...pager.received].map(({ headers, body }) => JSON.stringify(headers) + body);
    for (const secret of [marker, String(amount), runId, 'initiator'])
      expect([...sent, alarm].join('\n')).not.toContain(secret);
  } finally {
    await pager.close();
  }
});

/** The message as its readers decode it: quoted-printable undone. */
function unfolded(raw: string): string {
  return raw
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
