import { CommanderError } from 'commander';
import { CountersignApiError } from '../client/api-error.ts';
import { CountersignError, type FieldError } from '../domain/countersign-error.ts';
import { errorRegistry, isErrorCode } from '../domain/error-registry.ts';
import { type ExitCode, exitCodes } from './exit-code.ts';
import { createPaint } from './terminal/paint.ts';
import { shownLine, shownLines } from './terminal/shown-text.ts';
import { wrapped } from './terminal/text-width.ts';
import { UsageError } from './usage-error.ts';

/** What ended a command, for people and for scripts. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly fields: readonly FieldError[];
  readonly hint: string | undefined;
  readonly exit: ExitCode;
}

const denials: ReadonlySet<string> = new Set([
  'denied',
  'start-denied',
  'forbidden',
  'not-an-approver',
  'self-approval',
  'step-up-required',
]);

export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return usage(error.message, error.hint);
  if (error instanceof CommanderError) return usage(error.message.replace(/^error: /, ''), undefined);
  if (error instanceof CountersignApiError) {
    return {
      code: error.code,
      message: error.message,
      fields: error.fields,
      hint: hintOf(error.code, error.hint),
      exit: exitOf(error.code),
    };
  }
  if (error instanceof CountersignError) {
    return {
      code: error.code,
      message: error.message,
      fields: error.fields,
      hint: error.row.hint,
      exit: exitOf(error.code),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message,
    fields: [],
    hint: 'This is a mistake in Countersign; please report it with what you did.',
    exit: exitCodes.failure,
  };
}

function usage(message: string, hint: string | undefined): Failure {
  return {
    code: 'usage',
    message,
    fields: [],
    hint: hint ?? '`countersign --help` lists the commands, `countersign COMMAND --help` their options.',
    exit: exitCodes.usage,
  };
}

function hintOf(code: string, given: string | undefined): string | undefined {
  return given ?? (isErrorCode(code) ? errorRegistry[code].hint : undefined);
}

function exitOf(code: string): ExitCode {
  if (code === 'invalid-configuration') return exitCodes.configuration;
  return denials.has(code) ? exitCodes.denied : exitCodes.failure;
}

/** One document, so that a script finds the code where it looks for the answer. */
export function failureDocument({ code, message, fields, hint }: Failure): object {
  return {
    event: 'error',
    error: { code, message, ...(fields.length > 0 && { errors: fields }), ...(hint !== undefined && { hint }) },
  };
}

/** What happened, why, and what to do next. */
export function failureLines(
  { code, message, fields, hint }: Failure,
  columns: number,
  mode: 'colour' | 'plain',
): readonly string[] {
  const paint = createPaint(mode);
  const [first = '', ...more] = shownLines(message);
  const said = wrapped(first, columns - 2);
  return [
    ...said.map((line, at) => (at === 0 ? `${paint.bad('✗')} ${paint.strong(line)}` : `  ${paint.strong(line)}`)),
    ...more.map((line) => `  ${line}`),
    ...fields.flatMap(({ path, rule }) =>
      wrapped(`${shownLine(path)}  ${shownLine(rule)}`, columns - 6).map((line, at) =>
        at === 0 ? `  · ${line}` : `      ${line}`,
      ),
    ),
    ...(hint === undefined
      ? []
      : wrapped(shownLine(hint), columns - 4).map((line, at) =>
          at === 0 ? `  ${paint.accent('→')} ${line}` : `    ${line}`,
        )),
    ...(code === 'usage' ? [] : [paint.faint(`  ${code}`)]),
  ];
}
