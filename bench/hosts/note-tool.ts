import type { FakeTool } from '../../test/fakes/mcp-server.ts';

/** The tool of the benchmark: does next to nothing, for what is measured is the way to it. */
export const noteTool = {
  name: 'note',
  description: 'Notes one step.',
  inputSchema: {
    type: 'object',
    properties: { step: { type: 'integer' }, text: { type: 'string' } },
    required: ['step', 'text'],
    additionalProperties: false,
  },
  run: (args) => ({ noted: args['step'] ?? null }),
} as const satisfies FakeTool;
