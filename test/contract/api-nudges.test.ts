import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiHarness, startApi } from './api-harness.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test('an administrator sees how messages about questions stand', async () => {
  const admin = await api.as('admin');
  expect(await admin.nudges.standing()).toEqual({ due: 0, retrying: 0, sent: 0, failed: 0, unaddressed: 0 });
});

test.each(['initiator', 'approver', 'auditor', 'backend'])('%s does not', async (subject) => {
  await expect((await api.as(subject)).nudges.standing()).rejects.toMatchObject({ code: 'forbidden' });
});
