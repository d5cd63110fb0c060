import type {
  JSONSchema7,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
} from '@ai-sdk/provider';
import { assertNever } from '../../domain/assert-never.ts';
import type { Message } from '../../domain/transcript.ts';
import type { ModelTool } from '../../ports/model.port.ts';

export function toPrompt(messages: readonly Message[]): LanguageModelV4Prompt {
  return messages.map(toMessage);
}

function toMessage(message: Message): LanguageModelV4Message {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.text };
    case 'user':
      return { role: 'user', content: [{ type: 'text', text: message.text }] };
    case 'assistant':
      return { role: 'assistant', content: [...toText(message.text), ...message.toolCalls.map(toToolCall)] };
    case 'tool': {
      const { toolCallId, toolName, content } = message;
      return {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: content } }],
      };
    }
    default:
      return assertNever(message);
  }
}

type AssistantMessage = Extract<Message, { role: 'assistant' }>;

const toText = (text: string) => (text === '' ? [] : [{ type: 'text' as const, text }]);

/** A malformed call is shown to the model as it wrote it: hosts want JSON there, so it becomes a JSON string. */
function toToolCall(call: AssistantMessage['toolCalls'][number]) {
  const input = 'malformed' in call ? call.malformed : call.args;
  return { type: 'tool-call' as const, toolCallId: call.id, toolName: call.name, input };
}

export function toTools(tools: readonly ModelTool[]): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, inputSchema }) => ({
    type: 'function',
    name,
    description,
    inputSchema: inputSchema as JSONSchema7,
  }));
}
