import { errorRegistry } from '../domain/error-registry.ts';
import { environmentSchema } from './environment-schema.ts';
import { variableNotes } from './variable-notes.ts';

/** One variable as the reference shows it. */
export interface ConfigurationRow {
  readonly name: string;
  readonly form: string;
  readonly fallback: string | undefined;
  readonly meaning: string;
  readonly secret: boolean;
}

export const configurationRows: readonly ConfigurationRow[] = Object.entries(environmentSchema.shape).flatMap(
  ([name, schema]) => {
    const note = variableNotes.get(schema);
    if (note === undefined) return [];
    return [{ name, form: note.form, fallback: note.fallback, meaning: note.meaning, secret: note.secret === true }];
  },
);

/** Every variable, as the Markdown table of docs/reference/configuration.md. */
export function renderConfigurationTable(): string {
  return table(
    ['Variable', 'Value', 'Default', 'Meaning'],
    configurationRows.map(({ name, form, fallback, meaning, secret }) => [
      `\`${name}\``,
      form,
      fallback === undefined ? '–' : `\`${fallback}\``,
      secret ? `${meaning} Secret: never shown, never logged.` : meaning,
    ]),
  );
}

/** Every error code, as the Markdown table of docs/reference/errors.md. */
export function renderErrorTable(): string {
  return table(
    ['Code', 'HTTP', 'Tried again', 'Meaning', 'What to do'],
    Object.entries(errorRegistry).map(([code, { status, retryable, title, hint }]) => [
      `\`${code}\``,
      String(status),
      retryable ? 'yes' : 'no',
      title,
      hint,
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n').concat('\n');
}
