import { expect } from 'vitest';
import { passkeyIdOf } from '../../src/digest/passkey-digests.ts';
import type { Passkey } from '../../src/domain/passkey.ts';
import { recordOf } from '../../src/domain/record-bodies.ts';
import type { PasskeyStore } from '../../src/ports/passkey-store.port.ts';
import { createSoftwareAuthenticator, type SoftwareAuthenticator } from './software-authenticator.ts';

const past = '2020-01-01T00:00:00.000Z';

/** An authenticator whose passkey lies in the records as the change says; the approver's, and confirmed, without one. */
export async function heldPasskey(
  passkeys: PasskeyStore,
  change: Partial<Passkey> = {},
  device = createSoftwareAuthenticator(),
): Promise<SoftwareAuthenticator> {
  const passkeyId = passkeyIdOf(device.credentialId);
  const subject = change.subject ?? 'approver';
  const record = recordOf('passkey-enrolled', { tenant: 'default', runId: '' }, passkeyId, past, {
    passkeyId,
    subject,
    fingerprint: '',
  });
  const passkey: Passkey = {
    passkeyId,
    tenant: 'default',
    subject,
    credentialId: device.credentialId,
    publicKey: device.publicKey,
    rpId: 'localhost',
    transports: [],
    state: 'confirmed',
    counter: 0,
    enrolledAt: past,
    confirmedBy: 'lead',
    confirmedAt: past,
    ...change,
  };
  expect(await passkeys.enrol(passkey, record)).toBe('enrolled');
  return device;
}
