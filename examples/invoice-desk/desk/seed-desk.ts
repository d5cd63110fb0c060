import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { parseMessage } from '../mail/parse-message.ts';
import { createTables, type DeskDatabase } from './desk-schema.ts';

const dataFolder = new URL('../data/', import.meta.url);

const suppliersSchema = z.array(
  z.strictObject({
    id: z.string(),
    name: z.string(),
    iban: z.string(),
    email: z.email(),
    status: z.enum(['active', 'blocked']),
  }),
);
const ordersSchema = z.array(
  z.strictObject({
    poNumber: z.string(),
    supplierId: z.string(),
    amount: z.string().regex(/^\d+\.\d{2}$/),
    currency: z.string().length(3),
    description: z.string(),
    status: z.enum(['open', 'invoiced', 'closed']),
  }),
);
const contactsSchema = z.array(
  z.strictObject({ email: z.email(), name: z.string(), kind: z.enum(['supplier', 'staff']) }),
);
const paymentsSchema = z.array(
  z.strictObject({
    id: z.string(),
    supplierId: z.string(),
    iban: z.string(),
    amount: z.string().regex(/^\d+\.\d{2}$/),
    currency: z.string().length(3),
    poNumber: z.string(),
    invoiceNumber: z.string(),
    reference: z.string(),
    executedAt: z.iso.datetime(),
  }),
);

/** Fills an empty desk from the files beside it, all or nothing; a desk that has rows is left as it is. */
export async function seedDesk(database: DeskDatabase): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await createTables(transaction);
    const seeded = await transaction.selectFrom('suppliers').select('id').limit(1).executeTakeFirst();
    if (seeded !== undefined) return;
    await seedRecords(transaction);
    await seedMailbox(transaction);
  });
}

async function seedRecords(database: DeskDatabase): Promise<void> {
  const orders = readJson('purchase-orders.json', ordersSchema);
  const payments = readJson('payments.json', paymentsSchema);
  await database.insertInto('suppliers').values(readJson('suppliers.json', suppliersSchema)).execute();
  await database.insertInto('contacts').values(readJson('contacts.json', contactsSchema)).execute();
  await database
    .insertInto('purchase_orders')
    .values(
      orders.map(({ poNumber, supplierId, ...rest }) => ({ ...rest, po_number: poNumber, supplier_id: supplierId })),
    )
    .execute();
  await database
    .insertInto('payments')
    .values(
      payments.map(({ supplierId, poNumber, invoiceNumber, executedAt, ...rest }) => ({
        ...rest,
        supplier_id: supplierId,
        po_number: poNumber,
        invoice_number: invoiceNumber,
        status: 'executed',
        recorded_at: executedAt,
      })),
    )
    .execute();
}

/** A message's id is its file's number, so that nothing in the id tells what the message is about. */
async function seedMailbox(database: DeskDatabase): Promise<void> {
  const folder = fileURLToPath(new URL('mailbox/', dataFolder));
  const rows = [];
  for (const file of readdirSync(folder).sort()) {
    const number = /^(\d{2})-.*\.eml$/.exec(file)?.[1];
    if (number === undefined) continue;
    const raw = readFileSync(`${folder}${file}`, 'utf8');
    const { receivedAt } = await parseMessage(raw);
    rows.push({ id: `msg-${number}`, folder: 'inbox', received_at: receivedAt, raw });
  }
  await database.insertInto('messages').values(rows).execute();
}

function readJson<T>(file: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(new URL(file, dataFolder), 'utf8')));
}
