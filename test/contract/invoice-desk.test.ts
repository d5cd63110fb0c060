import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { createDataFolder, type DeskConnection, type RunningDesk, startDesk } from './invoice-desk-process.ts';

const payment = {
  supplierId: 'SUP-001',
  iban: 'DE55999000000012034501',
  amount: 1284.5,
  currency: 'EUR',
  poNumber: 'PO-4501',
  invoiceNumber: 'TB-21044',
  reference: 'TB-21044',
};
const letter = { to: 'billing@tannhelm.example', subject: 'A question', body: 'Hello.' };

const data = createDataFolder();
let desk: RunningDesk;
let connection: DeskConnection;

beforeAll(async () => {
  desk = await startDesk(data.path);
  connection = await desk.connect();
});

afterAll(async () => {
  await connection.close();
  desk.process.kill('SIGTERM');
  await desk.exited();
  data.remove();
});

const scheduled = async (via: DeskConnection): Promise<unknown> =>
  (await via.read('list_payments', { status: 'scheduled' }))['payments'];

describe('the mailbox', () => {
  test('pages of a folder join to the whole without gap or overlap', async () => {
    const ids: unknown[] = [];
    let cursor: JsonObject = {};
    for (;;) {
      const page = await connection.read('list_messages', { limit: 5, ...cursor });
      ids.push(...(page['messages'] as JsonObject[]).map(({ messageId }) => messageId));
      expect(page['total']).toBe(22);
      if (typeof page['next'] !== 'string') break;
      cursor = { cursor: page['next'] };
    }
    expect(ids).toEqual(Array.from({ length: 22 }, (_, index) => `msg-${String(index + 1).padStart(2, '0')}`));
  });

  test('a filed message is in its folder, and filing it again changes nothing', async () => {
    for (let round = 0; round < 2; round += 1)
      await connection.read('file_message', { messageId: 'msg-22', folder: 'archive' });
    const archive = await connection.read('list_messages', { folder: 'archive' });
    expect((archive['messages'] as JsonObject[]).map(({ messageId }) => messageId)).toEqual(['msg-22']);
    await connection.read('file_message', { messageId: 'msg-22', folder: 'inbox' });
  });

  test('the same flag twice is one flag, and a message that is not there gets none', async () => {
    const flag = { messageId: 'msg-13', reason: 'The total does not add up.' };
    expect(await connection.read('flag_for_review', flag)).toEqual(await connection.read('flag_for_review', flag));
    expect(await connection.call('flag_for_review', { ...flag, messageId: 'msg-99' })).toHaveProperty('failed');
  });
});

describe('payments', () => {
  test('a payment without a key is refused', async () => {
    expect(await connection.call('schedule_payment', payment)).toHaveProperty('failed');
    expect(await scheduled(connection)).toEqual([]);
  });

  test('the same key and arguments give the same payment, once, however many ask at a time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => connection.call('schedule_payment', payment, 'default/run-1/t1.0')),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toHaveProperty('value.status', 'scheduled');
    expect(await scheduled(connection)).toHaveLength(1);
  });

  test('a used key with other arguments, or for another tool, is refused', async () => {
    expect(await connection.call('schedule_payment', { ...payment, amount: 1 }, 'default/run-1/t1.0')).toHaveProperty(
      'failed',
    );
    expect(await connection.call('send_email', letter, 'default/run-1/t1.0')).toHaveProperty('failed');
    expect(await scheduled(connection)).toHaveLength(1);
  });

  test('two keys cannot both schedule one invoice', async () => {
    expect(await connection.call('schedule_payment', payment, 'default/run-1/t1.1')).toHaveProperty('failed');
    expect(await scheduled(connection)).toHaveLength(1);
  });

  test('a scheduled payment makes its invoice a duplicate and its order invoiced; cancelling undoes both', async () => {
    const question = { supplierId: 'SUP-001', invoiceNumber: 'tb 21044' };
    expect(await connection.read('check_duplicate', question)).toHaveProperty('duplicate', true);
    expect(await connection.read('find_purchase_order', { poNumber: 'PO-4501' })).toHaveProperty('status', 'invoiced');
    const [booked] = (await scheduled(connection)) as { paymentId: string }[];
    const paymentId = booked?.paymentId ?? '';
    for (let round = 0; round < 2; round += 1) await connection.read('cancel_payment', { paymentId });
    expect(await connection.read('check_duplicate', question)).toHaveProperty('duplicate', false);
    expect(await connection.read('find_purchase_order', { poNumber: 'PO-4501' })).toHaveProperty('status', 'open');
  });

  test('an executed payment cannot be cancelled', async () => {
    expect(await connection.call('cancel_payment', { paymentId: 'PAY-2026-0412' })).toHaveProperty('failed');
  });

  test.each([
    ['a wrong check digit', { iban: 'DE56999000000012034501' }],
    ['three decimals', { amount: 1.005 }],
    ['no amount', { amount: 0 }],
    ['an unknown field', { urgent: true }],
    ['an amount as text', { amount: '12.00' }],
  ])('%s is refused', async (_, fault) => {
    expect(await connection.call('schedule_payment', { ...payment, ...fault }, 'default/run-1/t9.9')).toHaveProperty(
      'failed',
    );
  });
});

describe('mail', () => {
  test('the same key sends one mail', async () => {
    const first = await connection.call('send_email', letter, 'default/run-1/t2.0');
    expect(first).toHaveProperty('value.status', 'queued');
    expect(await connection.call('send_email', letter, 'default/run-1/t2.0')).toEqual(first);
  });

  test('contacts are known by their whole address, in any case', async () => {
    expect(await connection.read('find_contact', { email: 'Billing@Tannhelm.example' })).toMatchObject({
      known: true,
      kind: 'supplier',
    });
    expect(await connection.read('find_contact', { email: 'billing@tannhelm.example.org' })).toEqual({ known: false });
  });

  test('a supplier is not found by letters that only look alike', async () => {
    expect(await connection.read('find_supplier', { name: 'aperlo sensors' })).toHaveProperty(
      'suppliers.0.supplierId',
      'SUP-009',
    );
    expect(await connection.read('find_supplier', { name: '\u0410\u0440\u0435rl\u043e Sensors GmbH' })).toEqual({
      suppliers: [],
    });
  });
});

describe('the endpoint', () => {
  test.each([
    ['another host', { host: 'desk.example' }, 403],
    ['a foreign origin', { origin: 'https://desk.example' }, 403],
  ])('%s is turned away', async (_, headers, status) => {
    expect(await post(desk.url, headers, '{}')).toBe(status);
  });

  test('a body over the limit is refused', async () => {
    expect(await post(desk.url, {}, JSON.stringify({ padding: 'x'.repeat(300_000) }))).toBe(413);
  });

  test('another path is nothing', async () => {
    expect(await post(new URL('/', desk.url).href, {}, '{}')).toBe(404);
  });
});

function post(url: string, headers: Record<string, string>, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
    const call = request(url, { method: 'POST', headers: sent }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.once('error', reject);
    call.end(body);
  });
}
