import { z } from 'zod';
import { folders } from '../desk/mailbox.ts';

/** The fields that several tools share, described once. */
export const messageId = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/)
  .describe('Id of a message, as list_messages gives it.');
export const supplierId = z
  .string()
  .regex(/^[A-Z0-9-]{1,32}$/)
  .describe('Id of a supplier in the directory, such as SUP-001.');
export const poNumber = z.string().min(1).max(64).describe('Number of a purchase order, such as PO-4501.');
export const invoiceNumber = z.string().min(1).max(64).describe('Number that the supplier gave the invoice.');
export const iban = z
  .string()
  .regex(/^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$/)
  .describe('IBAN without spaces.');
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .describe('ISO 4217 code.');
export const email = z.email().max(254).describe('One e-mail address.');
export const folder = z.enum(folders);

/** A JSON number with at most two decimals; the schema language has no exact way to say so, hence the check. */
export const amount = z
  .number()
  .positive()
  .max(10_000_000)
  .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6, 'must have at most two decimals')
  .describe('Amount in units of the currency, at most two decimals.');

export const storedAmount = z.number();
