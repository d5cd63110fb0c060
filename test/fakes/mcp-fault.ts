import type { ServerResponse } from 'node:http';
import { assertNever } from '../../src/domain/assert-never.ts';

/** What may go wrong with one `tools/call`. `before`: the tool does not run. `after`: it ran, and the answer is lost. */
export type McpFault =
  | { readonly kind: 'hang'; readonly when: 'before' | 'after' }
  | { readonly kind: 'cut'; readonly when: 'before' | 'after' | 'mid-answer' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | { readonly kind: 'json-rpc-error'; readonly code: number; readonly message: string }
  | { readonly kind: 'raw'; readonly contentType: string; readonly body: string }
  | { readonly kind: 'stream-without-answer' };

/** True of a fault that takes the place of running the tool. */
export function preempts(fault: McpFault): boolean {
  switch (fault.kind) {
    case 'hang':
    case 'cut':
      return fault.when === 'before';
    case 'status':
    case 'json-rpc-error':
    case 'raw':
    case 'stream-without-answer':
      return true;
    default:
      return assertNever(fault);
  }
}

/** Misbehaves instead of answering. `answer` is what the tool's run produced, where it ran. */
export function misbehave(fault: McpFault, rpcId: unknown, answer: string | null, response: ServerResponse): void {
  switch (fault.kind) {
    case 'hang':
      return;
    case 'cut':
      if (fault.when === 'mid-answer' && answer !== null) {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
        response.write(answer.slice(0, Math.ceil(answer.length / 2)), () => response.destroy());
        return;
      }
      response.destroy();
      return;
    case 'status':
      response.writeHead(fault.status, { 'content-type': 'text/plain', ...fault.headers }).end(fault.body ?? '');
      return;
    case 'json-rpc-error': {
      const error = { jsonrpc: '2.0', id: rpcId, error: { code: fault.code, message: fault.message } };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(error));
      return;
    }
    case 'raw':
      response.writeHead(200, { 'content-type': fault.contentType }).end(fault.body);
      return;
    case 'stream-without-answer':
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': nothing follows\n\n');
      return;
    default:
      assertNever(fault);
  }
}
