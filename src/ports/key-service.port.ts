/** What a signature is for; each purpose has a key of its own, so that roles can be separated. */
export type SigningPurpose = 'ticket' | 'verdict' | 'mandate' | 'steering' | 'receipt' | 'delegation' | 'token';

export interface Signature {
  readonly keyId: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

export interface Sealed {
  readonly keyId: string;
  /** 12 bytes IV, ciphertext, 16 bytes tag. */
  readonly bytes: Uint8Array;
}

/** A verifier's view of a signing key (RFC 8037), as JWKS and receipts carry it. */
export interface PublicSigningKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

/** What whoever only verifies needs of the keys. */
export interface PublicKeys {
  /** Every key that this purpose was ever signed with, oldest first: rotated ones stay, or old signatures could not be checked. */
  publicKeys(purpose: SigningPurpose): Promise<readonly PublicSigningKey[]>;
}

/** Keys stay behind this port. Secrets never appear in errors. */
export interface KeyService {
  sign(purpose: SigningPurpose, text: string): Promise<Signature>;
  /** False for an unknown key, a key of another purpose, a bad signature or bad encoding; never throws for those. */
  verify(purpose: SigningPurpose, text: string, signature: Signature): Promise<boolean>;
  /** AES-256-GCM with a random 96-bit IV; `context` is bound as additional authenticated data. */
  seal(tenant: string, context: string, plaintext: Uint8Array): Promise<Sealed>;
  /** Undefined when the key is unknown or anything was changed. */
  open(tenant: string, context: string, sealed: Sealed): Promise<Uint8Array | undefined>;
  /** HMAC-SHA-256 under a tenant's key, hexadecimal: a commitment that cannot be guessed from the content. */
  mac(tenant: string, purpose: 'content' | 'subject', bytes: Uint8Array): Promise<string>;
}
