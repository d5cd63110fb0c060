import { type Kysely, sql } from 'kysely';

interface MessageRow {
  id: string;
  folder: string;
  received_at: string;
  raw: string;
}

interface SupplierRow {
  id: string;
  name: string;
  iban: string;
  email: string;
  status: string;
}

interface PurchaseOrderRow {
  po_number: string;
  supplier_id: string;
  amount: string;
  currency: string;
  description: string;
  status: string;
}

interface ContactRow {
  email: string;
  name: string;
  kind: string;
}

export interface PaymentRow {
  id: string;
  supplier_id: string;
  iban: string;
  amount: string;
  currency: string;
  po_number: string;
  invoice_number: string;
  reference: string;
  status: string;
  recorded_at: string;
}

interface OutboxRow {
  id: string;
  recipient: string;
  subject: string;
  body: string;
  recorded_at: string;
}

interface FlagRow {
  id: string;
  message_id: string;
  reason: string;
  recorded_at: string;
}

interface KeyedCallRow {
  key: string;
  tool: string;
  args: string;
  outcome: string;
}

/** Money is `numeric(14,2)`, which the driver hands over as text; times are ISO 8601 text. */
export interface DeskSchema {
  messages: MessageRow;
  suppliers: SupplierRow;
  purchase_orders: PurchaseOrderRow;
  contacts: ContactRow;
  payments: PaymentRow;
  outbox: OutboxRow;
  flags: FlagRow;
  keyed_calls: KeyedCallRow;
}

export type DeskDatabase = Kysely<DeskSchema>;

const statements = [
  sql`create table if not exists messages (id text primary key, folder text not null, received_at text not null, raw text not null)`,
  sql`create table if not exists suppliers (id text primary key, name text not null, iban text not null, email text not null, status text not null)`,
  sql`create table if not exists purchase_orders (po_number text primary key, supplier_id text not null, amount numeric(14,2) not null, currency text not null, description text not null, status text not null)`,
  sql`create table if not exists contacts (email text primary key, name text not null, kind text not null)`,
  sql`create table if not exists payments (id text primary key, supplier_id text not null, iban text not null, amount numeric(14,2) not null, currency text not null, po_number text not null, invoice_number text not null, reference text not null, status text not null, recorded_at text not null)`,
  // One scheduled payment an invoice: two calls under two keys, in flight together, cannot both land.
  sql`create unique index if not exists payments_one_scheduled on payments (supplier_id, invoice_number) where status = 'scheduled'`,
  sql`create table if not exists outbox (id text primary key, recipient text not null, subject text not null, body text not null, recorded_at text not null)`,
  sql`create table if not exists flags (id text primary key, message_id text not null, reason text not null, recorded_at text not null)`,
  sql`create table if not exists keyed_calls (key text primary key, tool text not null, args text not null, outcome text not null)`,
];

/** Creates what is missing and leaves what is there; runs inside the seeding transaction. */
export async function createTables(database: DeskDatabase): Promise<void> {
  for (const statement of statements) await statement.execute(database);
}
