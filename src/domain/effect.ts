import { assertNever } from './assert-never.ts';

export const effectStates = ['reserved', 'landed', 'did-not-happen', 'in-doubt'] as const;
export type EffectState = (typeof effectStates)[number];

export type RetryClass =
  | { readonly kind: 'idempotent' }
  | { readonly kind: 'keyed' }
  | { readonly kind: 'probe'; readonly tool: string }
  | { readonly kind: 'never' };

export function parseRetryClass(text: string): RetryClass {
  if (text === 'idempotent' || text === 'keyed' || text === 'never') return { kind: text };
  return { kind: 'probe', tool: text.slice('probe:'.length) };
}

/** What to do with a key that an earlier attempt left `reserved`: nobody knows yet whether it happened. */
export type Recovery = 'call-again' | 'probe' | 'in-doubt';

export function recoveryOf(retry: RetryClass): Recovery {
  switch (retry.kind) {
    case 'idempotent':
    case 'keyed':
      return 'call-again';
    case 'probe':
      return 'probe';
    case 'never':
      return 'in-doubt';
    default:
      return assertNever(retry);
  }
}
