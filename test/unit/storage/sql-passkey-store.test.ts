import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Passkey } from '../../../src/domain/passkey.ts';
import type { PasskeyChallenge } from '../../../src/ports/passkey-store.port.ts';
import { at, later, type OpenedStorage, openStorage, recordOf } from './storage-fixture.ts';

let storage: OpenedStorage;
beforeAll(async () => {
  storage = await openStorage();
});
afterAll(() => storage.end());

let made = 0;
function passkeyOf(change: Partial<Passkey> = {}): Passkey {
  made += 1;
  return {
    passkeyId: `psk_${String(made).padStart(32, '0')}`,
    tenant: 'default',
    subject: 'anna@example.test',
    credentialId: `credential-${made}`,
    publicKey: 'key',
    rpId: 'localhost',
    transports: ['internal'],
    state: 'waiting',
    counter: 0,
    enrolledAt: later(made),
    ...change,
  };
}

const record = (passkey: Passkey, kind: 'passkey-enrolled' | 'passkey-confirmed' | 'passkey-revoked') =>
  recordOf('', kind, passkey.passkeyId);
const confirmedOf = (passkey: Passkey): Passkey => ({
  ...passkey,
  state: 'confirmed',
  confirmedBy: 'lea@example.test',
  confirmedAt: later(60),
});

async function enrolled(change: Partial<Passkey> = {}): Promise<Passkey> {
  const passkey = passkeyOf(change);
  expect(await storage.passkeys.enrol(passkey, record(passkey, 'passkey-enrolled'))).toBe('enrolled');
  return passkey;
}

async function recordsOf({ passkeyId }: Passkey): Promise<readonly string[]> {
  const all = await storage.outbox.ofRun('default', '', 0, 1_000);
  return all.filter(({ body }) => body['name'] === passkeyId).map(({ kind }) => kind);
}

describe('a passkey', () => {
  test('is stored once, with its record, and found by its id', async () => {
    const passkey = await enrolled();
    expect(await storage.passkeys.find('default', passkey.passkeyId)).toEqual(passkey);
    expect(await storage.passkeys.find('other', passkey.passkeyId)).toBeUndefined();
    const again = { ...passkey, subject: 'somebody-else' };
    expect(await storage.passkeys.enrol(again, record(passkey, 'passkey-enrolled'))).toBe('known');
    expect(await storage.passkeys.find('default', passkey.passkeyId)).toEqual(passkey);
    expect(await recordsOf(passkey)).toEqual(['passkey-enrolled']);
  });

  test('is moved from the state it is in, by one of two at once, with one record', async () => {
    const passkey = await enrolled();
    const confirmed = confirmedOf(passkey);
    const revoked: Passkey = { ...passkey, state: 'revoked', revokedBy: 'anna@example.test', revokedAt: later(60) };
    const moved = await Promise.all([
      storage.passkeys.move('waiting', confirmed, record(passkey, 'passkey-confirmed')),
      storage.passkeys.move('waiting', revoked, record(passkey, 'passkey-revoked')),
    ]);
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect(await storage.passkeys.find('default', passkey.passkeyId)).toEqual(moved[0] ? confirmed : revoked);
    expect(await recordsOf(passkey)).toHaveLength(2);
  });

  test('is listed by person and state, newest first', async () => {
    const subject = 'bert@example.test';
    const [first, second] = [await enrolled({ subject }), await enrolled({ subject })];
    await storage.passkeys.move('waiting', confirmedOf(first), record(first, 'passkey-confirmed'));
    const ids = async (filter: object) =>
      (await storage.passkeys.list({ tenant: 'default', limit: 10, ...filter })).map(({ passkeyId }) => passkeyId);
    expect(await ids({ subject })).toEqual([second.passkeyId, first.passkeyId]);
    expect(await ids({ subject, state: 'confirmed' })).toEqual([first.passkeyId]);
    expect(await ids({ tenant: 'other' })).toEqual([]);
  });

  test('counts forwards only, unless it never counts, and only while it is confirmed', async () => {
    const passkey = await enrolled();
    const { passkeyId } = passkey;
    expect(await storage.passkeys.advance('default', passkeyId, 1)).toBe(false);
    await storage.passkeys.move('waiting', confirmedOf(passkey), record(passkey, 'passkey-confirmed'));
    const advanced: boolean[] = [];
    for (const counter of [0, 0, 5, 5, 4, 0, 6])
      advanced.push(await storage.passkeys.advance('default', passkeyId, counter));
    expect(advanced).toEqual([true, true, true, false, false, false, true]);
    expect((await storage.passkeys.find('default', passkeyId))?.counter).toBe(6);
  });

  test('whose state was changed in the table alone does not verify, nor one that was moved to another id', async () => {
    const [passkey, other] = [await enrolled(), await enrolled()];
    await sql`update passkeys set state = 'confirmed' where passkey_id = ${passkey.passkeyId}`.execute(
      storage.database.db,
    );
    await expect(storage.passkeys.find('default', passkey.passkeyId)).rejects.toMatchObject({ code: 'undecodable' });
    await sql`
      update passkeys set passkey = (select passkey from passkeys where passkey_id = ${passkey.passkeyId})
      where passkey_id = ${other.passkeyId}`.execute(storage.database.db);
    await expect(storage.passkeys.find('default', other.passkeyId)).rejects.toMatchObject({ code: 'undecodable' });
  });
});

describe('a challenge', () => {
  const challengeOf = (challengeId: string, session: string): PasskeyChallenge => ({
    challengeId,
    tenant: 'default',
    subject: 'anna@example.test',
    session,
    expiresAt: later(150),
    purpose: { kind: 'enrolment', challenge: 'c' },
  });

  test('is given out once', async () => {
    await storage.passkeyChallenges.open(challengeOf('chl_1', 's1'), at);
    const taken = await Promise.all([1, 2, 3].map(() => storage.passkeyChallenges.take('chl_1', at)));
    expect(taken.filter((challenge) => challenge !== undefined)).toEqual([challengeOf('chl_1', 's1')]);
  });

  test('is gone when it has expired, and when its session asks for another one', async () => {
    await storage.passkeyChallenges.open(challengeOf('chl_2', 's2'), at);
    expect(await storage.passkeyChallenges.take('chl_2', later(150))).toBeUndefined();
    await storage.passkeyChallenges.open(challengeOf('chl_3', 's3'), at);
    await storage.passkeyChallenges.open(challengeOf('chl_4', 's3'), at);
    expect(await storage.passkeyChallenges.take('chl_3', at)).toBeUndefined();
    expect((await storage.passkeyChallenges.take('chl_4', at))?.challengeId).toBe('chl_4');
  });
});
