import { ProtocolError, ProtocolErrorCode, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { CountersignError } from '../../domain/countersign-error.ts';
import type { ErrorCode } from '../../domain/error-registry.ts';
import type { ToolOutcome } from '../../ports/tool.port.ts';
import type { CallTrace } from './call-trace.ts';
import { failureText } from './tool-answer.ts';

/** SEP-2243: the arguments that a tool wants mirrored into headers were not, because its definition was not known here. */
export const headerMismatch = -32020;

/** The server's word that it did not begin: the request was read and turned down. */
const turnedDown: ReadonlySet<number> = new Set([
  ProtocolErrorCode.ParseError,
  ProtocolErrorCode.InvalidRequest,
  ProtocolErrorCode.MethodNotFound,
  ProtocolErrorCode.InvalidParams,
  ProtocolErrorCode.ResourceNotFound,
  ProtocolErrorCode.MissingRequiredClientCapability,
  ProtocolErrorCode.UnsupportedProtocolVersion,
  ProtocolErrorCode.UrlElicitationRequired,
  headerMismatch,
]);

const askedForInput: ReadonlySet<SdkErrorCode> = new Set([
  SdkErrorCode.UnsupportedResultType,
  SdkErrorCode.InputRequiredRoundsExceeded,
]);
const unreadableAnswer: ReadonlySet<SdkErrorCode> = new Set([
  SdkErrorCode.InvalidResult,
  SdkErrorCode.ClientHttpUnexpectedContent,
]);

/** A server may ask for patience, and not hold a run for as long as it likes. */
const longestWaitMs = 60_000;

/** Statuses that are given before a request reaches a tool. A 5xx may come from a proxy while the tool is at work. */
function turnedDownBy(status: number): boolean {
  if (status === 307 || status === 308) return true;
  return status >= 400 && status < 500 && status !== 408 && status !== 409;
}

/**
 * What a failed `tools/call` means for the effect. Falls through to `tool-outcome-unknown`:
 * an effect counts as not happened only where that is certain.
 * Messages are written here, because the SDK's may quote addresses and bodies.
 */
export function readFailure(error: unknown, trace: CallTrace, tool: string): ToolOutcome | CountersignError {
  if (trace.delivery === 'unsent') return failure('tool-unreachable', tool, 'no connection');
  if (error instanceof CountersignError) return error;
  if (trace.overflow) return failure('tool-answer-invalid', tool, 'the answer is over the limit');
  if (ProtocolError.isInstance(error)) {
    if (turnedDown.has(error.code)) return { kind: 'failed', message: failureText(error.message) };
    return failure('tool-outcome-unknown', tool, `JSON-RPC error ${error.code}`);
  }
  if (SdkHttpError.isInstance(error)) return readStatus(error.data.status, trace, tool);
  if (SdkError.isInstance(error)) return readSdkError(error.code, tool);
  if (isUnreadable(error) && trace.status === 200)
    return failure('tool-answer-invalid', tool, 'the answer is not JSON-RPC');
  return failure('tool-outcome-unknown', tool, 'the connection was lost');
}

function readStatus(status: number, trace: CallTrace, tool: string): CountersignError {
  if (!turnedDownBy(status)) return failure('tool-outcome-unknown', tool, `HTTP ${status}`);
  const seconds = Number(trace.retryAfter ?? Number.NaN);
  return new CountersignError('tool-unreachable', {
    message: `${tool}: HTTP ${status}`,
    ...(seconds >= 0 ? { retryAfterMs: Math.min(seconds * 1_000, longestWaitMs) } : {}),
  });
}

function readSdkError(code: SdkErrorCode, tool: string): ToolOutcome | CountersignError {
  if (askedForInput.has(code))
    return { kind: 'failed', message: 'the tool asked for input, which this engine never gives' };
  if (unreadableAnswer.has(code)) return failure('tool-answer-invalid', tool, 'the answer is not a tool result');
  if (code === SdkErrorCode.NotConnected) return failure('tool-unreachable', tool, 'not connected');
  return failure('tool-outcome-unknown', tool, code.toLowerCase());
}

const isUnreadable = (error: unknown): boolean =>
  error instanceof SyntaxError || (error instanceof Error && error.name.includes('ZodError'));

function failure(code: ErrorCode, tool: string, why: string): CountersignError {
  return new CountersignError(code, { message: `${tool}: ${why}` });
}
