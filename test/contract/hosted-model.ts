import { afterEach } from 'vitest';
import {
  createOpenAiCompatibleModel,
  type OpenAiCompatibleSettings,
} from '../../src/adapters/model-openai-compatible/create-openai-compatible-model.ts';
import { CountersignError } from '../../src/domain/countersign-error.ts';
import type { ModelPort, ModelRequest } from '../../src/ports/model.port.ts';
import { type FakeOpenAiHost, type FakeScript, startOpenAiHost } from '../fakes/openai-host.ts';

export const apiKey = 'sk-secret-key-0123456789';
const open: FakeOpenAiHost[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

/** A host with a script, and the adapter that talks to it; both end with the test. */
export async function hosted(
  script: FakeScript,
  settings: Partial<OpenAiCompatibleSettings> = {},
): Promise<{ host: FakeOpenAiHost; model: ModelPort }> {
  const host = await startOpenAiHost(script);
  open.push(host);
  return {
    host,
    model: createOpenAiCompatibleModel({
      baseUrl: host.baseUrl,
      model: 'small-1',
      apiKey,
      timeoutMs: 5_000,
      ...settings,
    }),
  };
}

export const quiet = { signal: new AbortController().signal };
const readMail = {
  name: 'mail__read',
  description: 'Reads a mail.',
  inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
};
export const request = (rest: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [
    { role: 'system', text: 'You are a clerk.' },
    { role: 'user', text: 'Read the mail.' },
  ],
  tools: [readMail],
  toolChoice: 'auto',
  headers: { 'countersign-run-id': 'run-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  ...rest,
});

export async function failureOf(work: Promise<unknown>): Promise<CountersignError> {
  const error = await work.then(
    () => new Error('no error'),
    (caught: unknown) => caught,
  );
  if (error instanceof CountersignError) return error;
  throw error;
}
