import { createHash } from 'node:crypto';
import type { CallbackPurpose } from './session-cookie.ts';

/**
 * Under which an attempt waits for its callback: the cookie's id and the state together, so that a guess at the state
 * spends nobody's attempt; and what it is for, so that no callback does anything else.
 */
export function attemptKeyOf(purpose: CallbackPurpose, id: string, state: string): string {
  return createHash('sha256').update(`${purpose}/${id}/${state}`, 'utf8').digest('hex');
}
