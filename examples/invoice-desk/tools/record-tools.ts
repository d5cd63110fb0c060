import { z } from 'zod';
import { findDuplicates } from '../desk/payments.ts';
import { defineTool, readsOnly } from './desk-tool.ts';
import { amount, email, invoiceNumber, poNumber, storedAmount, supplierId } from './fields.schema.ts';

export const findPurchaseOrderTool = defineTool({
  name: 'find_purchase_order',
  title: 'Find a purchase order',
  description:
    'Looks up a purchase order by its exact number: supplier, amount including tax, currency, and whether it is still open. `found` is false where there is none.',
  annotations: readsOnly,
  input: z.strictObject({ poNumber }),
  output: z.strictObject({
    found: z.boolean(),
    poNumber: z.string().optional(),
    supplierId: z.string().optional(),
    amount: storedAmount.optional(),
    currency: z.string().optional(),
    description: z.string().optional(),
    status: z.enum(['open', 'invoiced', 'closed']).optional(),
  }),
  async run(args, { database }) {
    const order = await database
      .selectFrom('purchase_orders')
      .selectAll()
      .where('po_number', '=', args.poNumber)
      .executeTakeFirst();
    if (order === undefined) return { found: false };
    const { currency, description } = order;
    const status = z.enum(['open', 'invoiced', 'closed']).parse(order.status);
    return {
      found: true,
      poNumber: order.po_number,
      supplierId: order.supplier_id,
      amount: Number(order.amount),
      currency,
      description,
      status,
    };
  },
});

export const getSupplierTool = defineTool({
  name: 'get_supplier',
  title: 'Get a supplier',
  description:
    'Reads a supplier from the directory by id: name, the IBAN on record, e-mail address and status. `found` is false where there is none.',
  annotations: readsOnly,
  input: z.strictObject({ supplierId }),
  output: z.strictObject({
    found: z.boolean(),
    supplierId: z.string().optional(),
    name: z.string().optional(),
    iban: z.string().optional(),
    email: z.string().optional(),
    status: z.enum(['active', 'blocked']).optional(),
  }),
  async run(args, { database }) {
    const supplier = await database
      .selectFrom('suppliers')
      .selectAll()
      .where('id', '=', args.supplierId)
      .executeTakeFirst();
    if (supplier === undefined) return { found: false };
    const { id, name, iban, email: address } = supplier;
    return {
      found: true,
      supplierId: id,
      name,
      iban,
      email: address,
      status: z.enum(['active', 'blocked']).parse(supplier.status),
    };
  },
});

export const findSupplierTool = defineTool({
  name: 'find_supplier',
  title: 'Find a supplier by name',
  description:
    'Finds suppliers in the directory whose name contains the given words, upper and lower case alike. At most ten.',
  annotations: readsOnly,
  input: z.strictObject({ name: z.string().min(3).max(200).describe('Name or part of it.') }),
  output: z.strictObject({ suppliers: z.array(z.strictObject({ supplierId: z.string(), name: z.string() })) }),
  async run(args, { database }) {
    const wanted = args.name.normalize('NFKC').toLowerCase().trim();
    const rows = await database.selectFrom('suppliers').select(['id', 'name']).orderBy('id').execute();
    const suppliers = rows.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, 10);
    return { suppliers: suppliers.map(({ id, name }) => ({ supplierId: id, name })) };
  },
});

export const checkDuplicateTool = defineTool({
  name: 'check_duplicate',
  title: 'Check for a duplicate',
  description:
    'Tells whether an invoice of a supplier was paid before or is scheduled. With an amount, only payments of that amount count.',
  annotations: readsOnly,
  input: z.strictObject({ supplierId, invoiceNumber, amount: amount.optional() }),
  output: z.strictObject({ duplicate: z.boolean(), paymentIds: z.array(z.string()) }),
  async run(args, { database }) {
    const paymentIds = await findDuplicates(database, args.supplierId, args.invoiceNumber, args.amount);
    return { duplicate: paymentIds.length > 0, paymentIds };
  },
});

export const findContactTool = defineTool({
  name: 'find_contact',
  title: 'Find a contact',
  description:
    'Tells whether an e-mail address belongs to a known contact: a supplier’s address on record, or a colleague.',
  annotations: readsOnly,
  input: z.strictObject({ email }),
  output: z.strictObject({
    known: z.boolean(),
    name: z.string().optional(),
    kind: z.enum(['supplier', 'staff']).optional(),
  }),
  async run(args, { database }) {
    const contact = await database
      .selectFrom('contacts')
      .selectAll()
      .where('email', '=', args.email.toLowerCase())
      .executeTakeFirst();
    if (contact === undefined) return { known: false };
    return { known: true, name: contact.name, kind: z.enum(['supplier', 'staff']).parse(contact.kind) };
  },
});
