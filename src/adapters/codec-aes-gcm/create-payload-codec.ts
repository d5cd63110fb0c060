import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Undecodable } from '../../domain/undecodable.ts';
import type { KeyService, Sealed } from '../../ports/key-service.port.ts';

const encoding = 'binary/countersign-v1';
const keyIdField = 'encryption-key-id';
const context = 'temporal-payload';
const { Payload: PayloadMessage } = proto.temporal.api.common.v1;

export interface PayloadCodecOptions {
  readonly keys: KeyService;
  /** One for the whole namespace: a codec is not told reliably whose payload it holds. */
  readonly tenant: string;
}

/**
 * Seals every payload whole, metadata included, under the data key of the namespace's tenant.
 * `decode` never lets plaintext through, and nothing that a payload holds makes it throw: what is not ours becomes an
 * `Undecodable`, since a decoding that throws blocks a run behind one poisoned signal for ever.
 * Only a key service that does not answer makes it throw: the task is tried again, and nothing is decided meanwhile.
 */
export function createPayloadCodec({ keys, tenant }: PayloadCodecOptions): PayloadCodec {
  return {
    encode: (payloads) => Promise.all(payloads.map((payload) => seal(keys, tenant, payload))),
    decode: (payloads) => Promise.all(payloads.map((payload) => open(keys, tenant, payload))),
  };
}

async function seal(keys: KeyService, tenant: string, payload: Payload): Promise<Payload> {
  const { keyId, bytes } = await keys.seal(tenant, context, PayloadMessage.encode(payload).finish());
  return { metadata: { encoding: Buffer.from(encoding), [keyIdField]: Buffer.from(keyId) }, data: bytes };
}

async function open(keys: KeyService, tenant: string, payload: Payload): Promise<Payload> {
  const sealed = sealedIn(payload);
  if (sealed === undefined) return undecodable('not encrypted by this deployment');
  const plain = await keys.open(tenant, context, sealed);
  return (plain && payloadIn(plain)) ?? undecodable('unknown key, or changed bytes');
}

function sealedIn({ metadata, data }: Payload): Sealed | undefined {
  if (textOf(metadata?.['encoding']) !== encoding) return undefined;
  return { keyId: textOf(metadata?.[keyIdField]), bytes: data ?? new Uint8Array() };
}

function payloadIn(plain: Uint8Array): Payload | undefined {
  try {
    const { metadata, data } = PayloadMessage.decode(plain);
    return { metadata, data };
  } catch {
    return undefined;
  }
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return bytes ? Buffer.from(bytes).toString('latin1') : '';
}

function undecodable(reason: string): Payload {
  const value: Undecodable = { __countersign: 'undecodable', reason };
  return { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(value)) };
}
