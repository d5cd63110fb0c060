import { messages, type PGlite, parse, protocol } from '@electric-sql/pglite';
import type { PGliteDialectConfig } from 'kysely';

/** What Kysely's dialect needs of PGlite. */
type DialectPGlite = Exclude<PGliteDialectConfig['pglite'], (...options: never[]) => unknown>;

interface PreparedStatement {
  readonly name: string;
  readonly parameterTypes: readonly number[];
  /** What it says of its rows, kept so that it need not say it again with each of them. */
  readonly rowDescription: Messages;
}

type Messages = Awaited<ReturnType<PGlite['execProtocol']>>['messages'];

/** Distinct statements that are kept prepared; their texts come from this program alone, so there are few. */
const maxStatements = 256;

/**
 * PGlite with prepared statements. Its own `query` parses and plans every time, which costs a transition of several
 * parts more than running it does. The first execution of a text prepares it under a name, as a PostgreSQL driver would.
 * Transactions (migrations only) use PGlite's own way.
 */
export function preparedPGlite(pglite: PGlite): DialectPGlite {
  const prepared = new Map<string, PreparedStatement>();

  const statementOf = async (text: string): Promise<PreparedStatement> => {
    const known = prepared.get(text);
    if (known !== undefined) return known;
    const name = `statement-${prepared.size + 1}`;
    const answer = await exchange(pglite, [
      protocol.serialize.parse({ name, text }),
      protocol.serialize.describe({ type: 'S', name }),
      protocol.serialize.sync(),
    ]);
    const statement = {
      name,
      parameterTypes: parse.parseDescribeStatementResults(answer),
      rowDescription: answer.filter((message) => message.name === 'rowDescription'),
    };
    prepared.set(text, statement);
    return statement;
  };

  const execute = async (text: string, parameters: readonly unknown[]) => {
    const { name, parameterTypes, rowDescription } = await statementOf(text);
    const values = parameters.map((value, index) => serialized(pglite, parameterTypes[index] ?? 0, value));
    const answer = await exchange(pglite, [
      protocol.serialize.bind({ statement: name, values }),
      protocol.serialize.execute({}),
      protocol.serialize.sync(),
    ]);
    return parse.parseResults([...rowDescription, ...answer], pglite.parsers)[0];
  };

  return {
    close: () => pglite.close(),
    get closed() {
      return pglite.closed;
    },
    get ready() {
      return pglite.ready;
    },
    waitReady: pglite.waitReady,
    transaction: (run) => pglite.transaction(run),
    query<Row>(text: string, parameters: readonly unknown[] = []) {
      if (!prepared.has(text) && prepared.size >= maxStatements) return pglite.query<Row>(text, [...parameters]);
      return pglite.runExclusive(async () => {
        const result = await execute(text, parameters);
        // The rows are of the type that the statement's author named; the driver cannot know it.
        return {
          rows: (result?.rows ?? []) as Row[],
          fields: result?.fields ?? [],
          affectedRows: result?.affectedRows ?? 0,
        };
      });
    },
  };
}

/** Sends messages up to a sync, and fails with the database's own error. */
async function exchange(pglite: PGlite, parts: readonly Uint8Array[]): Promise<Messages> {
  const answer = await pglite.execProtocol(Buffer.concat(parts), { throwOnError: false });
  const error = answer.messages.find((message) => message instanceof messages.DatabaseError);
  if (error !== undefined) throw error;
  return answer.messages;
}

function serialized(pglite: PGlite, type: number, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const serialize = pglite.serializers[type];
  if (serialize !== undefined) return serialize(value);
  // a type that PGlite does not know takes its text form; anything but a plain value would become '[object Object]'
  if (typeof value === 'object') throw new TypeError(`no serializer for type ${type}`);
  return `${value as string | number | boolean | bigint}`;
}
