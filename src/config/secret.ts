import { readFileSync, statSync } from 'node:fs';

/** A secret that no log, JSON or inspection shows by accident. */
export interface Secret {
  reveal(): string;
}

const maxSecretBytes = 16_384;
const filePrefix = 'file:';

export function secretOf(text: string): Secret {
  return { reveal: () => text };
}

/**
 * The value itself, or with `file:PATH` the text of that file without its last line break.
 *
 * @returns the rule that was broken where the file cannot be used; never its content
 */
export function readSecret(value: string): Secret | { readonly rule: string } {
  if (!value.startsWith(filePrefix)) return oneLine(value);
  const file = value.slice(filePrefix.length);
  try {
    if (statSync(file).size > maxSecretBytes) return { rule: `must name a file of at most ${maxSecretBytes} bytes` };
    return oneLine(readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
  } catch {
    return { rule: 'must name a file that can be read' };
  }
}

/** It becomes a header: a line break in it would end one. */
function oneLine(text: string): Secret | { readonly rule: string } {
  return /^[\x21-\x7e]+$/.test(text) ? secretOf(text) : { rule: 'must be one line of visible ASCII characters' };
}
