import type { FieldError } from '../domain/countersign-error.ts';

/** Files that people wrote and reviewed, as text, by their path relative to the folder; separators are `/`. */
export type SourceFiles = Readonly<Record<string, string>>;

/** What was read, and every file that was not. */
export interface ReadFiles {
  readonly files: SourceFiles;
  readonly problems: readonly FieldError[];
}

/** A file, a place in it and the rule it broke, in the form that errors carry: `invoice-desk/agent.yaml#/tools/0`. */
export function fileProblem(file: string, path: string, rule: string): FieldError {
  return { path: path === '' ? file : `${file}#/${path}`, rule };
}
