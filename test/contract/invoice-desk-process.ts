import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import type { AnnouncedTool } from '../../src/ports/tool.port.ts';

export type DeskResult = { readonly value: JsonObject } | { readonly failed: string };

export interface DeskConnection {
  announced(): Promise<AnnouncedTool[]>;
  call(tool: string, args: JsonObject, key?: string): Promise<DeskResult>;
  /** The value; throws where the desk refused. */
  read(tool: string, args: JsonObject): Promise<JsonObject>;
  close(): Promise<void>;
}

export interface RunningDesk {
  readonly url: string;
  readonly process: ChildProcess;
  connect(mode?: 'auto' | 'legacy'): Promise<DeskConnection>;
  /** Resolves with the exit code, null after a signal. */
  exited(): Promise<number | null>;
}

const server = new URL('../../examples/invoice-desk/server.ts', import.meta.url).pathname;

export function createDataFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'invoice-desk-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts the example as it is started in earnest: a child with a pipe for its standard input. */
export async function startDesk(dataFolder: string): Promise<RunningDesk> {
  const child = spawn(process.execPath, [server, '--http', '--port', '0', '--data', dataFolder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const url = await Promise.race([
    readyUrl(child),
    ended.then((code) => Promise.reject(new Error(`the desk ended with ${code}`))),
  ]);
  return { url, process: child, connect: (mode = 'auto') => connect(url, mode), exited: () => ended };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  const ready: { event?: string; url?: string } = JSON.parse(text);
  if (ready.event !== 'ready' || ready.url === undefined) throw new Error(`unexpected first line: ${text}`);
  return ready.url;
}

async function connect(url: string, mode: 'auto' | 'legacy'): Promise<DeskConnection> {
  const client = new Client({ name: 'invoice-desk-test', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  const call: DeskConnection['call'] = async (name, args, key) => {
    const meta = key === undefined ? {} : { _meta: { 'countersign.dev/idempotency-key': key } };
    const result = await client.callTool({ name, arguments: { ...args }, ...meta });
    const first = result.content[0];
    if (result.isError === true) return { failed: first?.type === 'text' ? first.text : '' };
    return { value: result.structuredContent as JsonObject };
  };
  return {
    call,
    async announced() {
      const { tools } = await client.listTools();
      return tools.map(({ name, description = '', inputSchema, outputSchema }) => ({
        name,
        description,
        inputSchema: plain(inputSchema),
        ...(outputSchema !== undefined && { outputSchema: plain(outputSchema) }),
      }));
    },
    async read(tool, args) {
      const result = await call(tool, args);
      if ('failed' in result) throw new Error(result.failed);
      return result.value;
    },
    close: () => client.close(),
  };
}

const plain = (schema: object): JsonObject => JSON.parse(JSON.stringify(schema)) as Record<string, JsonValue>;
