import type { JsonObject } from '../../src/domain/json.ts';

export interface FakeCall {
  readonly name: string;
  /** An object, or the text that goes over the wire as it is, for arguments that are not JSON. */
  readonly args: JsonObject | string;
  readonly id?: string;
}

export interface FakeUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What the host says to one request. Answers are streamed where the request asks for it, or `streamed` says so. */
export type FakeReply =
  | {
      readonly kind: 'answer';
      readonly text?: string;
      readonly calls?: readonly FakeCall[];
      readonly refusal?: string;
      readonly finish?: 'stop' | 'length' | 'tool_calls' | 'content_filter';
      /** `null`: the host reports none. */
      readonly usage?: FakeUsage | null;
      /** True: answers as server-sent events though nobody asked. */
      readonly streamed?: boolean;
    }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: 'raw'; readonly contentType: string; readonly body: string }
  | { readonly kind: 'hang' }
  /** `before`: no byte of an answer · `mid-answer`: half of it. */
  | { readonly kind: 'cut'; readonly when: 'before' | 'mid-answer'; readonly streamed?: boolean };

export const say = (text: string): FakeReply => ({ kind: 'answer', text });

export const call = (name: string, args: JsonObject | string, text = ''): FakeReply => ({
  kind: 'answer',
  text,
  calls: [{ name, args }],
});

export const calls = (made: readonly FakeCall[], text = ''): FakeReply => ({ kind: 'answer', text, calls: made });

export const refuse = (refusal: string): FakeReply => ({ kind: 'answer', refusal });

/** An error as the OpenAI API words it. */
export function hostError(status: number, code: string, headers: Readonly<Record<string, string>> = {}): FakeReply {
  const body = JSON.stringify({
    error: { message: `the host says: ${code}`, type: 'invalid_request_error', param: null, code },
  });
  return { kind: 'status', status, headers: { 'content-type': 'application/json', ...headers }, body };
}
