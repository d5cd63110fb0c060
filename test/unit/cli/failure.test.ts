import { describe, expect, test } from 'vitest';
import { exitOfRun } from '../../../src/cli/exit-of-run.ts';
import { failureDocument, failureLines, failureOf } from '../../../src/cli/failure.ts';
import { UsageError } from '../../../src/cli/usage-error.ts';
import { CountersignApiError } from '../../../src/client/api-error.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import { runStates } from '../../../src/domain/run.ts';

const apiError = (code: string) => new CountersignApiError({ code, title: 'x', status: 403 });

describe('a failure ends with the exit code of its kind', () => {
  test.each([
    [new UsageError('x'), 2],
    [new CountersignError('invalid-configuration'), 78],
    [apiError('start-denied'), 3],
    [apiError('not-an-approver'), 3],
    [apiError('self-approval'), 3],
    [apiError('run-not-found'), 1],
    [new Error('x'), 1],
    ['not even an error', 1],
  ])('%s: %i', (error, exit) => {
    expect(failureOf(error).exit).toBe(exit);
  });
});

test('a run that was waited for ends with the exit code of its state', () => {
  expect(runStates.map(exitOfRun)).toEqual([1, 4, 4, 0, 3, 1, 1]);
});

test('a code of the registry brings its hint where the server sent none', () => {
  expect(failureOf(apiError('run-not-found')).hint).toContain('countersign runs');
});

test('a failure as JSON has its code and every field', () => {
  const error = new CountersignError('invalid-request', { fields: [{ path: 'task', rule: 'is missing' }] });
  expect(failureDocument(failureOf(error))).toMatchObject({
    event: 'error',
    error: { code: 'invalid-request', errors: [{ path: 'task', rule: 'is missing' }] },
  });
});

test('a failure on the screen cannot act on it', () => {
  const error = new CountersignApiError({
    code: 'x',
    title: 'x',
    status: 500,
    detail: 'a\u001b]0;b\u0007',
    hint: '\u202e',
    errors: [{ path: '\u009b1m', rule: '\r' }],
  });
  const text = failureLines(failureOf(error), 100, 'plain').join('\n');
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});
