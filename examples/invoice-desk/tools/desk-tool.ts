import type { CallToolResult, McpServer, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { DeskRefusal } from '../desk/desk-refusal.ts';
import type { DeskDatabase } from '../desk/desk-schema.ts';

export interface ToolCallContext {
  readonly database: DeskDatabase;
  /** The caller's idempotency key; throws a DeskRefusal where it sent none. */
  requireKey(): string;
}

/** A tool with its types erased to what a server needs: a way to register it. */
export interface DeskTool {
  readonly name: string;
  register(server: McpServer, openDatabase: () => Promise<DeskDatabase>): void;
}

interface Annotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint: boolean;
}

export const readsOnly: Annotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };

interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: Annotations;
  readonly input: Input;
  readonly output: Output;
  readonly run: (args: z.infer<Input>, context: ToolCallContext) => Promise<z.input<Output>>;
}

/** Refusals become results with `isError`, which a model can read; anything else is a fault of the desk and stays nameless. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): DeskTool {
  const { name, title, description, annotations, input, output } = definition;
  const handle = async (args: unknown, context: ToolCallContext): Promise<CallToolResult> => {
    try {
      const structuredContent = output.parse(await definition.run(input.parse(args), context));
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    } catch (error) {
      if (!(error instanceof DeskRefusal)) throw error;
      return { content: [{ type: 'text', text: error.message }], isError: true };
    }
  };
  return {
    name,
    register(server, openDatabase) {
      server.registerTool(
        name,
        {
          title,
          description,
          inputSchema: input as z.ZodObject,
          outputSchema: output as z.ZodObject,
          annotations: { title, ...annotations },
        },
        async (args: unknown, call: ServerContext) =>
          handle(args, { database: await openDatabase(), requireKey: () => requireKey(call) }),
      );
    },
  };
}

const keySchema = z.string().min(8).max(256);

/** From the call itself, else from the HTTP header of the same meaning. */
function requireKey({ mcpReq, http }: ServerContext): string {
  const sent = mcpReq._meta?.['countersign.dev/idempotency-key'] ?? http?.req?.headers.get('idempotency-key');
  const key = keySchema.safeParse(sent);
  if (!key.success) throw new DeskRefusal('this tool needs an idempotency key of 8 to 256 characters');
  return key.data;
}
