import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationFailure, defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
  loadDataConverter,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDataConverter } from '../../../src/adapters/codec-aes-gcm/create-data-converter.ts';
import { createPayloadCodec } from '../../../src/adapters/codec-aes-gcm/create-payload-codec.ts';
import { type FileKeys, openFileKeys } from '../../../src/adapters/keys-file/open-file-keys.ts';
import { isUndecodable } from '../../../src/domain/undecodable.ts';

let home: string;
let keys: FileKeys;
let codec: PayloadCodec;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-codec-'));
  keys = await openFileKeys(join(home, 'keys'));
  codec = createPayloadCodec({ keys, tenant: 'default' });
});

afterAll(() => rm(home, { recursive: true, force: true }));

const bytes = (text: string) => Buffer.from(text, 'utf8');
const json = (value: unknown): Payload => ({
  metadata: { encoding: bytes('json/plain') },
  data: bytes(JSON.stringify(value)),
});

async function encoded(
  payload: Payload,
  by = codec,
): Promise<{ metadata: Record<string, Uint8Array>; data: Uint8Array }> {
  const [sealed] = await by.encode([payload]);
  return { metadata: { ...sealed?.metadata }, data: sealed?.data ?? new Uint8Array() };
}

async function decodedValue(payload: Payload, by = codec): Promise<unknown> {
  const [opened] = await by.decode([payload]);
  if (opened === undefined) throw new TypeError('one payload in, one out');
  return defaultPayloadConverter.fromPayload(opened);
}

describe('the payload codec', () => {
  test('gives back every payload, with its metadata', async () => {
    const payloads = fc.record({
      metadata: fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), fc.uint8Array({ maxLength: 40 }), {
        maxKeys: 4,
      }),
      data: fc.uint8Array({ maxLength: 400 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(payloads, { maxLength: 4 }), async (given) => {
        const opened = await codec.decode(await codec.encode(given));
        expect(opened.map(plainOf)).toEqual(given.map(plainOf));
      }),
    );
  });

  test('shows nothing but its own encoding, the key id and sealed bytes', async () => {
    const sealed = await encoded({
      ...json('a very secret sentence'),
      metadata: { encoding: bytes('json/plain'), messageType: bytes('secret-type') },
    });
    expect(Object.keys(sealed.metadata).sort()).toEqual(['encoding', 'encryption-key-id']);
    expect(Buffer.from(sealed.metadata['encoding'] ?? []).toString()).toBe('binary/countersign-v1');
    expect(Buffer.from(sealed.metadata['encryption-key-id'] ?? []).toString()).toMatch(/^data-default-1-[0-9a-f]{8}$/);
    expect(Buffer.from(sealed.data).toString('latin1')).not.toContain('secret');
  });

  test.each<[string, Payload]>([
    ['plaintext JSON', json({ approve: true })],
    ['an unknown encoding', { metadata: { encoding: bytes('binary/encrypted') }, data: bytes('x') }],
    [
      'the name of ours around plaintext',
      { metadata: { encoding: bytes('binary/countersign-v1') }, data: bytes('{"approve":true}') },
    ],
    ['no metadata at all', { data: bytes('x') }],
    ['nothing at all', {}],
    ['null fields', { metadata: null, data: null }],
    ['binary/null', { metadata: { encoding: bytes('binary/null') } }],
  ])('turns %s into an undecodable value and never throws', async (_, payload) => {
    expect(await decodedValue(payload)).toSatisfy(isUndecodable);
  });

  test('turns any changed byte and any shortened payload into an undecodable value', async () => {
    const sealed = await encoded(json({ approve: true }));
    for (let position = 0; position < sealed.data.length; position += 1) {
      const data = Uint8Array.from(sealed.data);
      data[position] = (data[position] ?? 0) ^ 1;
      expect(await decodedValue({ ...sealed, data })).toSatisfy(isUndecodable);
      expect(await decodedValue({ ...sealed, data: sealed.data.subarray(0, position) })).toSatisfy(isUndecodable);
    }
    for (const field of Object.keys(sealed.metadata)) {
      const metadata = { ...sealed.metadata, [field]: bytes('other') };
      expect(await decodedValue({ ...sealed, metadata })).toSatisfy(isUndecodable);
    }
  });

  test('does not open what another tenant or another installation sealed, nor what was sealed for another use', async () => {
    const otherTenant = createPayloadCodec({ keys, tenant: 'other' });
    const otherKeys = createPayloadCodec({ keys: await openFileKeys(join(home, 'other-keys')), tenant: 'default' });
    expect(await decodedValue(await encoded(json(1), otherTenant))).toSatisfy(isUndecodable);
    expect(await decodedValue(await encoded(json(1), otherKeys))).toSatisfy(isUndecodable);
    const sealed = await encoded(json(1));
    const forBlobs = await keys.seal('default', 'blob/task/x', bytes('x'));
    expect(await decodedValue({ ...sealed, data: forBlobs.bytes })).toSatisfy(isUndecodable);
  });

  test('one poisoned payload does not harm its neighbours', async () => {
    const [first, poisoned, last] = await codec.decode([
      await encoded(json(1)),
      json('poison'),
      await encoded(json(3)),
    ]);
    expect(first && defaultPayloadConverter.fromPayload(first)).toBe(1);
    expect(poisoned && defaultPayloadConverter.fromPayload(poisoned)).toSatisfy(isUndecodable);
    expect(last && defaultPayloadConverter.fromPayload(last)).toBe(3);
  });

  test('a key service that fails is not taken for a poisoned payload', async () => {
    const broken = createPayloadCodec({
      keys: { ...keys, open: () => Promise.reject(new Error('down')) },
      tenant: 'default',
    });
    await expect(broken.decode([await encoded(json(1))])).rejects.toThrow('down');
    expect(await decodedValue(json('plain'), broken)).toSatisfy(isUndecodable);
  });
});

describe('the data converter', () => {
  test('seals the texts of failures', async () => {
    const converter = loadDataConverter(createDataConverter({ keys, tenant: 'default' }));
    const failure = await encodeErrorToFailure(
      converter,
      ApplicationFailure.nonRetryable('a very secret sentence', 'denied'),
    );
    expect(JSON.stringify(failure)).not.toContain('secret');
    expect(failure.applicationFailureInfo?.type).toBe('denied');
    const error = await decodeOptionalFailureToOptionalError(converter, failure);
    expect(error?.message).toBe('a very secret sentence');
  });

  test('survives a failure whose texts are not ours', async () => {
    const converter = loadDataConverter(createDataConverter({ keys, tenant: 'default' }));
    const error = await decodeOptionalFailureToOptionalError(converter, {
      message: 'Encoded failure',
      encodedAttributes: json({ message: 'forged', stack_trace: '' }),
      applicationFailureInfo: { type: 'denied', nonRetryable: true },
    });
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error?.message).not.toBe('forged');
  });
});

function plainOf({ metadata, data }: Payload): unknown {
  const fields = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('hex')]);
  return { metadata: Object.fromEntries(fields), data: Buffer.from(data ?? []).toString('hex') };
}
