import { type ErrorCode, errorRegistry } from './error-registry.ts';
import type { ErrorRow } from './error-row.ts';

/** A field of a rejected input and the rule it broke. `path` is a JSON Pointer without the leading slash’s escape noise: `tools/0/name`. */
export interface FieldError {
  readonly path: string;
  readonly rule: string;
}

export interface ErrorDetails {
  /** Overrides the registry's title; never personal content, never a secret. */
  readonly message?: string;
  readonly fields?: readonly FieldError[];
  /** Milliseconds after which a retry makes sense, as the other side said. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The engine's one error class. Its `code` is a row of the error registry. */
export class CountersignError extends Error {
  override readonly name = 'CountersignError';
  readonly code: ErrorCode;
  readonly fields: readonly FieldError[];
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(
      details.message ?? errorRegistry[code].title,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.fields = details.fields ?? [];
    this.retryAfterMs = details.retryAfterMs;
  }

  get row(): ErrorRow {
    return errorRegistry[this.code];
  }
}
