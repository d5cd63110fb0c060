import { enrolPasskeySchema, type PasskeyView } from '../../contracts/http/passkey.schema.ts';
import { passkeyFingerprint, passkeyIdOf } from '../../digest/passkey-digests.ts';
import { CountersignError } from '../../domain/countersign-error.ts';
import { mayConfirm, mayRevoke, nextPasskeyState, type Passkey } from '../../domain/passkey.ts';
import { recordOf } from '../../domain/record-bodies.ts';
import { type Clock, isoTime } from '../../ports/clock.port.ts';
import type { Identity } from '../../ports/directory.port.ts';
import type { KeyService } from '../../ports/key-service.port.ts';
import type { PasskeyStore } from '../../ports/passkey-store.port.ts';
import type { PasskeyVerifier, RelyingParty } from '../../ports/passkey-verifier.port.ts';
import { parseInput } from '../input.ts';
import type { Principal } from '../principal.ts';
import type { PasskeyService } from '../services.ts';
import type { PasskeyChallenges } from './passkey-challenges.ts';

export interface PasskeyDependencies {
  readonly passkeys: PasskeyStore;
  readonly passkeyVerifier: PasskeyVerifier;
  readonly keys: Pick<KeyService, 'mac'>;
  readonly clock: Clock;
  readonly challenges: PasskeyChallenges;
  readonly relyingParty: () => RelyingParty;
}

const mostListed = 200;
/** Of one person, those that are not revoked. */
export const mostPasskeysHeld = 10;
const passkeyForm = /^psk_[0-9a-f]{32}$/;

/** Enrolling, confirming and revoking passkeys. */
export function createPasskeyService(dependencies: PasskeyDependencies): PasskeyService {
  const { passkeys, passkeyVerifier, clock, challenges, relyingParty } = dependencies;
  const now = () => isoTime(clock);

  async function heldBy({ tenant, subject }: Identity): Promise<readonly Passkey[]> {
    const all = await passkeys.list({ tenant, subject, limit: mostListed });
    return all.filter(({ state }) => state !== 'revoked');
  }

  async function known({ identity }: Principal, passkeyId: string): Promise<Passkey> {
    const passkey = passkeyForm.test(passkeyId) ? await passkeys.find(identity.tenant, passkeyId) : undefined;
    if (passkey === undefined) throw new CountersignError('not-found', { message: 'No such passkey.' });
    return passkey;
  }

  async function moved(passkey: Passkey, event: 'confirm' | 'revoke', by: string): Promise<Passkey> {
    const at = now();
    const state = nextPasskeyState(passkey.state, event);
    const { tenant, passkeyId } = passkey;
    if (state === undefined) throw new CountersignError('passkey-settled');
    const change =
      event === 'confirm' ? { state, confirmedBy: by, confirmedAt: at } : { state, revokedBy: by, revokedAt: at };
    const kind = event === 'confirm' ? 'passkey-confirmed' : 'passkey-revoked';
    const record = recordOf(kind, { tenant, runId: '' }, passkeyId, at, { ...factsOf(passkey), by });
    if (!(await passkeys.move(passkey.state, { ...passkey, ...change }, record)))
      throw new CountersignError('passkey-settled');
    return { ...passkey, ...change };
  }

  return {
    async listPasskeys({ identity }) {
      const { tenant, subject, roles } = identity;
      const own = await passkeys.list({ tenant, subject, limit: mostListed });
      const others = roles.includes('admin')
        ? await passkeys.list({ tenant, limit: mostListed })
        : roles.includes('lead')
          ? await passkeys.list({ tenant, state: 'waiting', limit: mostListed })
          : [];
      const items = [...own, ...others.filter((passkey) => passkey.subject !== subject)];
      return { items: items.map((passkey) => viewOf(passkey, identity)) };
    },

    async beginEnrolment(principal) {
      const { identity } = principal;
      requirePerson(identity);
      const held = await heldBy(identity);
      if (held.length >= mostPasskeysHeld) throw new CountersignError('passkey-limit');
      const { challenge, options } = await passkeyVerifier.creationOptions(relyingParty(), {
        handle: await handleOf(dependencies, identity),
        name: identity.subject,
        displayName: identity.displayName,
        known: held,
      });
      return challenges.open(principal, { kind: 'enrolment', challenge }, options);
    },

    async enrolPasskey(principal, body) {
      const { identity } = principal;
      requirePerson(identity);
      const { challengeId, ...enrolment } = parseInput(enrolPasskeySchema, body);
      const asked = await challenges.take(principal, challengeId);
      const party = relyingParty();
      const credential =
        asked?.kind === 'enrolment'
          ? await passkeyVerifier.verifyEnrolment(enrolment, asked.challenge, party)
          : undefined;
      if (credential === undefined) throw new CountersignError('passkey-refused');
      const { tenant, subject } = identity;
      const passkey: Passkey = {
        passkeyId: passkeyIdOf(credential.credentialId),
        tenant,
        subject,
        ...credential,
        rpId: party.rpId,
        transports: enrolment.transports,
        state: 'waiting',
        enrolledAt: now(),
      };
      const record = recordOf(
        'passkey-enrolled',
        { tenant, runId: '' },
        passkey.passkeyId,
        passkey.enrolledAt,
        factsOf(passkey),
      );
      if ((await passkeys.enrol(passkey, record)) === 'known') throw new CountersignError('passkey-refused');
      return viewOf(passkey, identity);
    },

    async confirmPasskey(principal, passkeyId) {
      const passkey = await known(principal, passkeyId);
      if (!mayConfirm(principal.identity, passkey)) throw new CountersignError('passkey-not-yours');
      return viewOf(await moved(passkey, 'confirm', principal.identity.subject), principal.identity);
    },

    async revokePasskey(principal, passkeyId) {
      const passkey = await known(principal, passkeyId);
      if (!mayRevoke(principal.identity, passkey)) throw new CountersignError('passkey-not-yours');
      return viewOf(await moved(passkey, 'revoke', principal.identity.subject), principal.identity);
    },
  };
}

function requirePerson({ kind }: Identity): void {
  if (kind !== 'person') throw new CountersignError('forbidden');
}

/** The same for all passkeys of a person, so that an authenticator keeps one of them for a site; says nothing about him. */
async function handleOf({ keys }: PasskeyDependencies, { tenant, subject }: Identity): Promise<Uint8Array> {
  return Buffer.from(await keys.mac(tenant, 'subject', Buffer.from(`passkey-handle/${subject}`, 'utf8')), 'hex');
}

function factsOf(passkey: Passkey) {
  const { passkeyId, subject } = passkey;
  return { passkeyId, subject, fingerprint: passkeyFingerprint(passkey) };
}

function viewOf(passkey: Passkey, identity: Identity): PasskeyView {
  const { passkeyId, subject, state, enrolledAt, confirmedBy, confirmedAt, revokedBy, revokedAt } = passkey;
  return {
    passkeyId,
    subject,
    state,
    fingerprint: passkeyFingerprint(passkey),
    enrolledAt,
    ...(confirmedBy !== undefined && { confirmedBy }),
    ...(confirmedAt !== undefined && { confirmedAt }),
    ...(revokedBy !== undefined && { revokedBy }),
    ...(revokedAt !== undefined && { revokedAt }),
    may: {
      confirm: nextPasskeyState(state, 'confirm') !== undefined && mayConfirm(identity, passkey),
      revoke: nextPasskeyState(state, 'revoke') !== undefined && mayRevoke(identity, passkey),
    },
  };
}
