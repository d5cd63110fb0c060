import type { Message, ModelUsage } from '../../domain/transcript.ts';
import type { ModelAnswer, ModelRequest } from '../../ports/model.port.ts';

const charactersPerToken = 4;

/** Four characters a token: close enough for budgets, and the same on every machine. Costs nothing. */
export function countTokens(request: ModelRequest, answer: Pick<ModelAnswer, 'text' | 'toolCalls'>): ModelUsage {
  const input = request.messages.reduce((sum, message) => sum + sizeOf(message), 0);
  const tools = request.tools.length === 0 ? 0 : JSON.stringify(request.tools).length;
  const output = answer.text.length + (answer.toolCalls.length === 0 ? 0 : JSON.stringify(answer.toolCalls).length);
  return {
    inputTokens: Math.ceil((input + tools) / charactersPerToken),
    outputTokens: Math.ceil(output / charactersPerToken),
    costMicroUsd: 0,
  };
}

function sizeOf(message: Message): number {
  if (message.role === 'tool') return message.content.length;
  const calls =
    message.role === 'assistant' && message.toolCalls.length > 0 ? JSON.stringify(message.toolCalls).length : 0;
  return message.text.length + calls;
}
