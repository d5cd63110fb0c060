/** One step forward; there is no way back. Each statement is a single SQL command. */
export interface Migration {
  readonly version: number;
  readonly statements: readonly string[];
}
