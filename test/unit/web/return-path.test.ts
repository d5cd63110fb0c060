import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { returnPath } from '../../../src/web/return-path.ts';

const approval = `/approvals/apr_${'0a'.repeat(16)}`;

describe('returnPath', () => {
  const like = `/approvals/batch?like=apr_${'0a'.repeat(16)}`;

  test.each(['/approvals', '/runs', '/runs/july-mailbox', approval, like])('%s is a page of ours', (path) => {
    expect(returnPath(path)).toBe(path);
  });

  test.each([
    undefined,
    '',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/runs/..//evil.example',
    '/\t/evil.example',
    'https://evil.example/approvals',
    'javascript:alert(1)',
    'data:text/html,x',
    '/logout',
    '/v1/runs',
    '/runs/x/cancel',
    '/approvals/../assets/live.js',
    'http://nowhere.invalid.evil.example/approvals',
    '/%5c%5cevil.example',
    '/approvals/batch',
    '/approvals/batch?like=//evil.example',
    `${'/approvals/batch'}?like=apr_${'0a'.repeat(16)}&to=//evil.example`,
  ])('%j leads to the inbox', (wanted) => {
    expect(returnPath(wanted)).toBe('/approvals');
  });

  test('whatever is asked for, a browser stays on this site', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.webPath(), fc.string({ unit: 'binary' })), (wanted) => {
        expect(new URL(returnPath(wanted), 'https://countersign.example/login').origin).toBe(
          'https://countersign.example',
        );
      }),
    );
  });
});
