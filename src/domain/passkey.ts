import { assertNever } from './assert-never.ts';

export const passkeyStates = ['waiting', 'confirmed', 'revoked'] as const;
export type PasskeyState = (typeof passkeyStates)[number];

/** A WebAuthn credential of one person. It proves nothing until a second person has confirmed whose it is. */
export interface Passkey {
  readonly passkeyId: string;
  readonly tenant: string;
  readonly subject: string;
  /** As the authenticator chose it, base64url. */
  readonly credentialId: string;
  /** COSE, base64url. */
  readonly publicKey: string;
  /** Where it was made: a passkey answers for this name only. */
  readonly rpId: string;
  readonly transports: readonly string[];
  readonly state: PasskeyState;
  /** Of signatures, as its authenticator counts them; 0 for one that does not count. */
  readonly counter: number;
  readonly enrolledAt: string;
  readonly confirmedBy?: string;
  readonly confirmedAt?: string;
  readonly revokedBy?: string;
  readonly revokedAt?: string;
}

/** What an authenticator signed over a challenge: base64url, as the browser gave it. */
export interface PasskeyAssertion {
  readonly credentialId: string;
  readonly clientDataJson: string;
  readonly authenticatorData: string;
  readonly signature: string;
}

/** `acr` of a verdict that carries a passkey's assertion. */
export const passkeyAcr = 'passkey';

/** One way only. Undefined: this event changes nothing in this state. */
export function nextPasskeyState(state: PasskeyState, event: 'confirm' | 'revoke'): PasskeyState | undefined {
  switch (state) {
    case 'waiting':
      return event === 'confirm' ? 'confirmed' : 'revoked';
    case 'confirmed':
      return event === 'revoke' ? 'revoked' : undefined;
    case 'revoked':
      return undefined;
    default:
      return assertNever(state);
  }
}

interface Somebody {
  readonly subject: string;
  readonly tenant: string;
  readonly kind: 'person' | 'service';
  readonly roles: readonly string[];
}

/** A second person, who holds a role for it; never the owner himself, whatever his roles. */
export function mayConfirm(person: Somebody, passkey: Pick<Passkey, 'tenant' | 'subject'>): boolean {
  const holdsRole = person.roles.includes('admin') || person.roles.includes('lead');
  return (
    person.kind === 'person' && person.tenant === passkey.tenant && holdsRole && person.subject !== passkey.subject
  );
}

export function mayRevoke(person: Somebody, passkey: Pick<Passkey, 'tenant' | 'subject'>): boolean {
  const isHis = person.subject === passkey.subject;
  return person.kind === 'person' && person.tenant === passkey.tenant && (isHis || person.roles.includes('admin'));
}
