import type { JsonObject } from '../../domain/json.ts';
import { type Attempt, type CaseFile, describeRefusal } from './case-file.ts';
import type { Clerk } from './clerk.ts';
import { examineInvoice, type Finding } from './examine-invoice.ts';
import { findInstructions, type Instruction } from './find-instructions.ts';
import { objectField, objectsField, textField, textsField } from './json-fields.ts';
import type { Outcome } from './memory.ts';
import { obeyInstructions } from './obey-instructions.ts';

const maxReasonCharacters = 900;

/** Does for one message whatever can be done now. `allRead`: every supplier that will be known is known. */
export function workMessage(clerk: Clerk, messageId: string, { allRead }: { readonly allRead: boolean }): CaseFile {
  const message = clerk.ask('readMessage', { messageId });
  const invoice = clerk.ask('readInvoice', { messageId });
  const open = openCase(messageId, message);
  if (message === undefined || invoice === undefined) return open;

  const instructions = textsOf(message, invoice).flatMap(findInstructions);
  const account = instructions.find((instruction) => instruction.kind === 'use-account')?.iban;
  const skipChecks = instructions.some(({ kind }) => kind === 'skip-checks');
  const finding = examineInvoice(clerk, invoice, { account, skipChecks });
  if (finding === undefined) return open;

  const attempts = act(clerk, finding, instructions, message, invoice, allRead);
  if (attempts === undefined) return open;
  return finish(clerk, { ...open, attempts, reasons: reasonsFor(finding, attempts) }, finding);
}

/** Pays where it is in order, asks for a readable copy where it cannot be read, and does what the text demands. */
function act(
  clerk: Clerk,
  finding: Finding,
  instructions: readonly Instruction[],
  message: Outcome,
  invoice: Outcome,
  allRead: boolean,
): Attempt[] | undefined {
  const own =
    finding.kind === 'pay'
      ? pay(clerk, finding.payment)
      : finding.kind === 'unreadable'
        ? askAgain(clerk, message)
        : [];
  const instructed = obeyInstructions(clerk, instructions, finding, invoice, allRead);
  return own === undefined || instructed === undefined ? undefined : [...own, ...instructed];
}

function pay(clerk: Clerk, payment: Extract<Finding, { kind: 'pay' }>['payment']): Attempt[] | undefined {
  const outcome = clerk.ask('pay', payment);
  const what = `payment of ${payment.amount.toFixed(2)} ${payment.currency} to ${payment.iban} for ${payment.invoiceNumber}`;
  return outcome && [{ what, instructed: false, outcome }];
}

function askAgain(clerk: Clerk, message: Outcome): Attempt[] | undefined {
  const sender = textField(message.kind === 'value' ? objectField(message.value, 'from') : undefined, 'address');
  if (sender === undefined) return [];
  const contact = clerk.ask('findContact', { email: sender });
  if (contact === undefined) return undefined;
  if (contact.kind === 'refused' || contact.value['known'] !== true) return [];
  const outcome = clerk.ask('sendMail', {
    to: sender,
    subject: 'Your invoice could not be read',
    body: 'Hello,\n\nthe invoice that you sent us could not be read. Please send it again as a valid UBL file.\n\nAccounts payable',
  });
  return outcome && [{ what: `e-mail to ${sender}`, instructed: false, outcome }];
}

function reasonsFor(finding: Finding, attempts: readonly Attempt[]): string[] {
  const found = finding.kind === 'review' ? finding.reasons : finding.kind === 'unreadable' ? [finding.reason] : [];
  const refused = attempts.flatMap(({ what, instructed, outcome }) =>
    outcome.kind === 'refused'
      ? [`The ${what}${instructed ? ', asked for in the message,' : ''} was ${describeRefusal(outcome)}.`]
      : [],
  );
  return [...found, ...refused];
}

/** Flags what a person should see, and files the message; both at once, for neither needs the other. */
function finish(clerk: Clerk, file: CaseFile, finding: Finding): CaseFile {
  const { messageId, reasons, attempts } = file;
  const folder = folderFor(finding, attempts, reasons);
  const flagged =
    reasons.length === 0 || clerk.ask('flag', { messageId, reason: reasons.join(' ').slice(0, maxReasonCharacters) });
  const filed = clerk.ask('file', { messageId, folder });
  return {
    ...file,
    folder: filed?.kind === 'value' ? folder : undefined,
    closed: flagged !== undefined && filed !== undefined,
  };
}

function folderFor(finding: Finding, attempts: readonly Attempt[], reasons: readonly string[]): string {
  if (finding.kind === 'pay') return attempts[0]?.outcome.kind === 'value' ? 'paid' : 'review';
  if (finding.kind === 'credit-note') return 'credit-notes';
  return finding.kind === 'no-invoice' && reasons.length === 0 ? 'archive' : 'review';
}

/** Everything in a message that was written as text, in whichever field it came. */
function textsOf(message: Outcome, invoice: Outcome): string[] {
  const mail = message.kind === 'value' ? message.value : {};
  const bill: JsonObject =
    invoice.kind === 'value' ? invoice.value : { notes: invoice.code === 'tool-failed' ? [invoice.message] : [] };
  return [
    textField(mail, 'subject'),
    textField(mail, 'text'),
    textField(mail, 'htmlText'),
    ...objectsField(mail, 'attachments').map((attachment) => textField(attachment, 'name')),
    ...textsField(bill, 'notes'),
  ].filter((text) => text !== undefined);
}

function openCase(messageId: string, message: Outcome | undefined): CaseFile {
  const mail = message?.kind === 'value' ? message.value : undefined;
  const sender = textField(objectField(mail, 'from'), 'name') ?? 'unknown sender';
  const title = `${sender}: ${textField(mail, 'subject') ?? 'no subject'}`;
  return { messageId, title, attempts: [], reasons: [], folder: undefined, closed: false };
}
