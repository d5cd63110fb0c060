import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ModelPort, ModelRequest } from '../../ports/model.port.ts';
import { readModelAnswer } from './model-answer.ts';
import { readModelFailure } from './model-failure.ts';
import { toPrompt, toTools } from './model-prompt.ts';
import type { ModelPrices } from './model-usage.ts';
import { createWholeBodyFetch } from './whole-body-fetch.ts';

const defaultMaxAnswerBytes = 8 * 1024 * 1024;

export interface OpenAiCompatibleSettings {
  /** Up to and with `/v1`; `/chat/completions` is added. */
  readonly baseUrl: string;
  /** The model's name at its host. */
  readonly model: string;
  readonly apiKey?: string;
  readonly prices?: ModelPrices;
  /** For one call, from the request to the last byte. */
  readonly timeoutMs: number;
  readonly maxAnswerBytes?: number;
}

/**
 * `ModelPort` over any host of the OpenAI chat-completions protocol (vLLM, Ollama, gateways, OpenAI).
 * Uses the AI SDK's provider and not its `generateText`: that one throws away an answer, and what it cost,
 * when a forced tool was not called, and judges tool names, which is for policy to do.
 * Throws `invalid-configuration` for an address that cannot be used.
 */
export function createOpenAiCompatibleModel(settings: OpenAiCompatibleSettings): ModelPort {
  const provider = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: checkedAddress(settings.baseUrl),
    ...(settings.apiKey === undefined ? {} : { apiKey: settings.apiKey }),
    fetch: createWholeBodyFetch(settings.maxAnswerBytes ?? defaultMaxAnswerBytes),
  });
  const model: LanguageModelV4 = provider.chatModel(settings.model);
  return {
    description: { id: settings.model, rehearsal: false },
    async generate(request, { signal }) {
      const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(settings.timeoutMs)]);
      try {
        const result = await model.doGenerate({ ...toCallOptions(request), abortSignal });
        return readModelAnswer(result, request, settings);
      } catch (error) {
        throw readModelFailure(error);
      }
    },
  };
}

function toCallOptions(request: ModelRequest): LanguageModelV4CallOptions {
  return {
    prompt: toPrompt(request.messages),
    tools: toTools(request.tools),
    toolChoice: request.toolChoice === 'auto' ? { type: 'auto' } : { type: 'tool', toolName: request.toolChoice.force },
    headers: { ...request.headers },
    ...(request.maxOutputTokens === undefined ? {} : { maxOutputTokens: request.maxOutputTokens }),
  };
}

/** An address with a password in it would be quoted by every error that names the address. */
function checkedAddress(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  const usable =
    url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
  if (usable) return baseUrl;
  throw new CountersignError('invalid-configuration', {
    message: 'the model’s base URL must be http or https and carry no user name or password',
    fields: [{ path: 'baseUrl', rule: 'http(s) URL without user name and password' }],
  });
}
