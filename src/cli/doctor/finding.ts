/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** With `warn` and `fail`: the command or the step that mends it. */
  readonly mend?: string;
  /** Single faults, one a line. */
  readonly details?: readonly string[];
}

export function ok(name: string, text: string): Finding {
  return { name, state: 'ok', text };
}

export function warn(name: string, text: string, mend: string): Finding {
  return { name, state: 'warn', text, mend };
}

export function fail(name: string, text: string, mend: string, details: readonly string[] = []): Finding {
  return { name, state: 'fail', text, mend, ...(details.length > 0 && { details }) };
}
