import type { CompiledQuery, Kysely, QueryResult, RawBuilder } from 'kysely';
import type { StorageTables } from './tables.ts';

export interface Executable<Row> {
  execute(db: Kysely<StorageTables>): Promise<QueryResult<Row>>;
}

/** Stands for a value while the statement is built. */
export class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

type ParametersOf<Values> = { readonly [Name in keyof Values]: Parameter };

/**
 * A statement whose text is always the same: built and compiled once for each database, and then only filled in.
 * For what every step of a run executes, where building it anew takes as long as a small query does.
 */
export function fixedStatement<Values extends object, Row>(
  build: (parameters: ParametersOf<Values>) => RawBuilder<Row>,
): (values: Values) => Executable<Row> {
  const compiled = new WeakMap<Kysely<StorageTables>, CompiledQuery<Row>>();

  const compiledFor = (db: Kysely<StorageTables>): CompiledQuery<Row> => {
    const known = compiled.get(db);
    if (known !== undefined) return known;
    const parameters = new Proxy({}, { get: (_, name) => new Parameter(String(name)) }) as ParametersOf<Values>;
    const fresh = build(parameters).compile(db);
    compiled.set(db, fresh);
    return fresh;
  };

  return (values) => ({
    execute: (db) => {
      const query = compiledFor(db);
      const filledIn = query.parameters.map((parameter) => valueOf(values, parameter));
      return db.executeQuery<Row>({ ...query, parameters: filledIn });
    },
  });
}

function valueOf<Values extends object>(values: Values, parameter: unknown): unknown {
  if (!(parameter instanceof Parameter)) throw new TypeError('a fixed statement has no values of its own');
  const name = parameter.name as keyof Values;
  return values[name];
}
