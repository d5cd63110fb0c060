import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attemptsBeforeGivingUp } from '../../../activities/attempt.ts';
import type { Effect } from '../../../activities/effect.ts';
import { executeEffect } from '../../../activities/execute-effect.ts';
import { createAjvChecker } from '../../../src/adapters/argument-checker-ajv/create-ajv-checker.ts';
import { createFolderBlobs } from '../../../src/adapters/blobs-folder/create-folder-blobs.ts';
import { createDevDirectory } from '../../../src/adapters/directory-dev/dev-directory.ts';
import { createWebauthnVerifier } from '../../../src/adapters/passkeys-webauthn/create-webauthn-verifier.ts';
import { toolManifestSchema } from '../../../src/contracts/tool-server.schema.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import type { ErrorCode } from '../../../src/domain/error-registry.ts';
import { callIdOf, effectKeyOf, parseRunId, parseTenantId } from '../../../src/domain/ids.ts';
import type { CatalogueTool } from '../../../src/ports/catalogue.port.ts';
import { systemClock } from '../../../src/ports/clock.port.ts';
import { noReauthentication } from '../../../src/ports/reauthentication-verifier.port.ts';
import type { ToolOutcome, ToolPort } from '../../../src/ports/tool.port.ts';
import {
  admit,
  digest,
  type OpenedStorage,
  openStorage,
  recordOf,
  ref,
  reservationOf,
} from '../storage/storage-fixture.ts';

let storage: OpenedStorage;
let runs = 0;

beforeAll(async () => {
  storage = await openStorage();
}, 60_000);

afterAll(() => storage.end());

function toolOf(name: string, effect: 'read' | 'irreversible', retry: string): CatalogueTool {
  const manifest = toolManifestSchema.parse({ schema: digest('0'), effect, retry });
  return { name: `desk.${name}`, server: 'desk', manifest, announced: { name, description: '', inputSchema: {} } };
}

const probe = toolOf('did_pay', 'read', 'idempotent');

/** One answer or failure a call, by tool. */
type Answers = Readonly<Record<string, readonly (ToolOutcome | ErrorCode)[]>>;

function toolsAnswering(answers: Answers, called: string[]): ToolPort {
  const left = new Map(Object.entries(answers).map(([name, all]) => [name, [...all]]));
  return {
    list: async () => [],
    close: async () => undefined,
    call: async ({ tool }) => {
      called.push(tool);
      const next = left.get(tool)?.shift();
      if (next === undefined) throw new Error(`nobody expected a call of ${tool}`);
      if (typeof next === 'string') throw new CountersignError(next);
      return next;
    },
  };
}

interface Try {
  readonly retry?: string;
  readonly effect?: 'read' | 'irreversible';
  readonly answers: Answers;
  readonly attempt?: number;
  readonly nothingSentBefore?: boolean;
}

/** The second or a later attempt, over a reservation that an earlier one made. */
async function recover({
  retry = 'keyed',
  effect = 'irreversible',
  answers,
  attempt = 2,
  nothingSentBefore = false,
}: Try) {
  runs += 1;
  const runId = `execute-${runs}`;
  await admit(storage, runId);
  const callId = callIdOf(1, 0);
  await storage.ledger.reserve(reservationOf(runId, callId), [recordOf(runId, 'effect-reserved', callId)]);
  const called: string[] = [];
  let reported = 0;
  const work: Effect = {
    deps: {
      ...storage,
      passkeyVerifier: createWebauthnVerifier(),
      reauthentication: noReauthentication,
      blobs: createFolderBlobs({ folder: join(storage.folder, 'blobs'), keys: storage.keys, durability: 'process' }),
      catalogue: {
        agents: () => [],
        agent: () => undefined,
        pinned: () => undefined,
        servers: () => [],
        tool: () => probe,
      },
      policy: { policyDigest: '', evaluate: async () => Promise.reject(new Error('nothing is decided here')) },
      directory: createDevDirectory('default'),
      argumentChecker: createAjvChecker(),
      tools: toolsAnswering(answers, called),
      clock: systemClock,
    },
    run: { tenant: 'default', runId },
    action: {
      callId,
      key: effectKeyOf(parseTenantId('default'), parseRunId(runId), callId),
      kind: 'tool-call',
      tool: 'desk.pay',
      actionDigest: digest('a'),
      envelopeRef: ref('c'),
      toolCallId: 'call_1',
      toolName: 'desk__pay',
    },
    envelope: {
      v: 1,
      tenant: 'default',
      agent: 'tester',
      agentVersion: 1,
      workflowId: `default/${runId}`,
      runId,
      callId,
      kind: 'tool-call',
      tool: 'desk.pay',
      toolPin: digest('0'),
      args: {},
      labelsDigest: '',
      onBehalfOf: 'initiator',
      credentialScope: '',
      risk: 'high',
      preconditions: {},
      askedUnderPolicy: '',
      renderHash: digest('b'),
      createdAt: '2026-03-01T10:00:00.000Z',
      expiresAt: '2026-03-01T11:00:00.000Z',
      nonce: '',
    },
    tool: toolOf('pay', effect, retry),
    attempt: {
      number: attempt,
      signal: new AbortController().signal,
      nothingSentBefore,
      reportNothingSent: () => void (reported += 1),
    },
  };
  const outcome = await executeEffect(work, 'recovering', undefined).catch((error: CountersignError) => error.code);
  const [row] = await storage.ledger.ofRun('default', runId);
  return { outcome, state: row?.state, called, reported };
}

const last = attemptsBeforeGivingUp;
const result: ToolOutcome = { kind: 'result', value: { paid: true } };
const inDoubt = { state: 'in-doubt', outcome: { kind: 'refused', refusal: { code: 'in-doubt' } } };

describe('the last attempt that does not reach the server', () => {
  const answers = { pay: ['tool-unreachable'] } as const;

  test('says that nothing happened where each attempt before it was certain of that', async () => {
    const ended = await recover({ answers, attempt: last, nothingSentBefore: true });
    expect(ended).toMatchObject({
      state: 'did-not-happen',
      outcome: { refusal: { code: 'tool-failed', rule: 'tool-unreachable' } },
    });
  });

  test('leaves doubt where an earlier one may have arrived', async () => {
    expect(await recover({ answers, attempt: last })).toMatchObject(inDoubt);
  });

  test('of a reading tool leaves no doubt, since nothing was to happen', async () => {
    const ended = await recover({ answers, attempt: last, effect: 'read', retry: 'idempotent' });
    expect(ended).toMatchObject({ state: 'did-not-happen' });
  });

  test('after a probe that said no says that nothing happened', async () => {
    const said = { did_pay: [{ kind: 'result', value: { happened: false } }], ...answers } as const;
    expect(await recover({ retry: 'probe:did_pay', answers: said, attempt: last })).toMatchObject({
      state: 'did-not-happen',
    });
  });
});

describe('an attempt that does not reach the server', () => {
  const answers = { pay: ['tool-unreachable'] } as const;

  test('tells the next that nothing was sent, only where it knows', async () => {
    const certain = await recover({ answers, nothingSentBefore: true });
    expect(certain).toMatchObject({ outcome: 'tool-unreachable', state: 'reserved', reported: 1 });
    const uncertain = await recover({ answers });
    expect(uncertain).toMatchObject({ outcome: 'tool-unreachable', state: 'reserved', reported: 0 });
  });
});

describe('a tool that may never be called twice', () => {
  test('is called where nothing was ever sent', async () => {
    const ended = await recover({ retry: 'never', answers: { pay: [result] }, nothingSentBefore: true });
    expect(ended).toMatchObject({ state: 'landed', called: ['pay'] });
  });

  test('is not called where something may have been', async () => {
    expect(await recover({ retry: 'never', answers: {} })).toMatchObject({ ...inDoubt, called: [] });
  });
});

describe('an effect whose answers are lost until the last attempt', () => {
  test('ends in doubt', async () => {
    const ended = await recover({ answers: { pay: ['tool-outcome-unknown'] }, attempt: last });
    expect(ended).toMatchObject({ ...inDoubt, called: ['pay'] });
  });
});

describe('a probe', () => {
  const probed = { retry: 'probe:did_pay' } as const;

  test.each(['tool-unreachable', 'tool-outcome-unknown'] as const)(
    'that meets %s is asked again, and ends in doubt',
    async (code) => {
      const answers = { did_pay: [code] };
      expect(await recover({ ...probed, answers })).toMatchObject({
        outcome: code,
        state: 'reserved',
        called: ['did_pay'],
      });
      expect(await recover({ ...probed, answers, attempt: last })).toMatchObject({ ...inDoubt, called: ['did_pay'] });
    },
  );

  test.each<ToolOutcome | ErrorCode>([
    'tool-answer-invalid',
    { kind: 'failed', message: 'no such key' },
    { kind: 'result', value: {} },
    { kind: 'result', value: { happened: 'yes' } },
    { kind: 'result', value: [true] },
  ])('that answers %j leaves doubt', async (answer) => {
    expect(await recover({ ...probed, answers: { did_pay: [answer] } })).toMatchObject({
      ...inDoubt,
      called: ['did_pay'],
    });
  });

  test('that says yes lands the effect without a call', async () => {
    const yes: ToolOutcome = { kind: 'result', value: { happened: true, result: { paid: true } } };
    expect(await recover({ ...probed, answers: { did_pay: [yes] } })).toMatchObject({
      state: 'landed',
      called: ['did_pay'],
    });
  });
});
