import type { LanguageModelV4GenerateResult } from '@ai-sdk/provider';
import type { ModelUsage } from '../../domain/transcript.ts';
import type { ModelRequest } from '../../ports/model.port.ts';

/** US dollars per million tokens, which is the same number as millionths of a dollar per token. */
export interface ModelPrices {
  readonly inputUsdPerMillionTokens: number;
  readonly outputUsdPerMillionTokens: number;
  /** Of input that the host had cached; the input price where it is not given. */
  readonly cachedInputUsdPerMillionTokens?: number;
}

/** A token of English is about four bytes; a host that reports no usage must not make a run free of budget. */
const bytesPerToken = 4;

export function readUsage(
  result: LanguageModelV4GenerateResult,
  request: ModelRequest,
  prices: ModelPrices | undefined,
): ModelUsage {
  const { inputTokens: input, outputTokens: output } = result.usage;
  const inputTokens = tokens(input.total, request.messages, request.tools);
  const outputTokens = tokens(output.total, result.content);
  return {
    inputTokens,
    outputTokens,
    costMicroUsd: cost(inputTokens, Math.min(input.cacheRead ?? 0, inputTokens), outputTokens, prices),
  };
}

function tokens(reported: number | undefined, ...counted: readonly unknown[]): number {
  if (reported !== undefined && Number.isFinite(reported) && reported >= 0) return Math.ceil(reported);
  return Math.ceil(Buffer.byteLength(JSON.stringify(counted), 'utf8') / bytesPerToken);
}

function cost(
  inputTokens: number,
  cachedTokens: number,
  outputTokens: number,
  prices: ModelPrices | undefined,
): number {
  if (!prices) return 0;
  const cachedPrice = prices.cachedInputUsdPerMillionTokens ?? prices.inputUsdPerMillionTokens;
  const micro =
    (inputTokens - cachedTokens) * prices.inputUsdPerMillionTokens +
    cachedTokens * cachedPrice +
    outputTokens * prices.outputUsdPerMillionTokens;
  // 3 × 0.1 is 0.30000000000000004: without the rounding before, a whole sum would be raised by one.
  return Math.ceil(Number(micro.toFixed(6)));
}
