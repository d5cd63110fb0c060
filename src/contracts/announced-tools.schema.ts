import { z } from 'zod';
import type { JsonObject } from '../domain/json.ts';

const jsonSchemaObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a JSON Schema object',
);

/**
 * `agents/servers/<name>.announced.json`: what a tool server announced when a person reviewed it.
 * Names follow MCP; the manifest's `schema` pins each entry.
 */
export const announcedToolsSchema = z.strictObject({
  apiVersion: z.literal('countersign/v1'),
  kind: z.literal('AnnouncedTools'),
  server: z.string().max(64),
  tools: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(128),
        description: z.string().max(16_384),
        inputSchema: jsonSchemaObject,
        outputSchema: jsonSchemaObject.optional(),
      }),
    )
    .max(512),
});

export type AnnouncedTools = z.infer<typeof announcedToolsSchema>;
