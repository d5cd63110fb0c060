import { readFileSync, statSync } from 'node:fs';

/** A secret that no log, JSON or inspection shows by accident. */
export interface Secret {
  reveal(): string;
}

const maxSecretBytes = 16_384;
const filePrefix = 'file:';
const variablePrefix = 'env:';

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

/**
 * The secret that a reviewed file refers to: `file:PATH`, or `env:NAME` for one of the variables given.
 *
 * @returns the rule that was broken; never a piece of the secret
 */
export function referredSecret(
  reference: string,
  variables: Readonly<Record<string, Secret>>,
): Secret | { readonly rule: string } {
  if (reference.startsWith(filePrefix)) return readSecret(reference);
  const name = reference.startsWith(variablePrefix) ? reference.slice(variablePrefix.length) : '';
  return (Object.hasOwn(variables, name) ? variables[name] : undefined) ?? { rule: 'must name a variable that is set' };
}

/** It becomes a header: a line break in it would end one. */
function oneLine(text: string): Secret | { readonly rule: string } {
  return /^[\x21-\x7e]+$/.test(text) ? secretOf(text) : { rule: 'must be one line of visible ASCII characters' };
}
