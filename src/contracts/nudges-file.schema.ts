import { z } from 'zod';
import { isLoopback } from '../domain/loopback.ts';
import { nameSchema } from './scalars.schema.ts';

/** Where a secret is, never the secret: `file:PATH`, or `env:COUNTERSIGN_SECRET_NAME`. */
const secretReferenceSchema = z.string().regex(/^(file:[^\p{Cc}]{1,1000}|env:COUNTERSIGN_SECRET_[A-Z0-9_]{1,64})$/u);

/** A plain address of RFC 5321, without quotes, comments or international names. */
const mailAddressSchema = z
  .string()
  .max(254)
  .regex(/^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9-]{1,63}){0,8}$/);

const hostSchema = z.string().regex(/^([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\])$/);

/** https anywhere, http on loopback; without user name and password. */
export function isWebhookAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || text.length > 2_000 || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

const webhookSchema = z.strictObject({
  url: z.union([secretReferenceSchema, z.string().refine(isWebhookAddress)], {
    error: 'must be file:PATH, env:COUNTERSIGN_SECRET_NAME, or an https address (http on loopback) without a password',
  }),
  key: secretReferenceSchema,
});

const smtpSchema = z
  .strictObject({
    host: hostSchema,
    port: z.int().min(1).max(65_535),
    tls: z.enum(['implicit', 'starttls', 'none']),
    user: z
      .string()
      .regex(/^[\x21-\x7e]{1,254}$/)
      .optional(),
    password: secretReferenceSchema.optional(),
    from: mailAddressSchema,
    /** A PEM file with the certificates to trust instead of the system's. */
    ca: z
      .string()
      .regex(/^[^\p{Cc}]{1,1000}$/u)
      .optional(),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ['password'],
    error: 'must stand beside `user`, and not without it',
  })
  .refine(({ tls, host }) => tls !== 'none' || isLoopback(host), {
    path: ['tls'],
    error: 'must not be `none`, except on loopback',
  });

const maxChannels = 100;
const channelNames = z.array(nameSchema).min(1).max(32);

function atMost<Schema extends z.ZodType<object>>(schema: Schema, count: number): Schema {
  return schema.refine((entries) => Object.keys(entries).length <= count, {
    error: `must have at most ${count} entries`,
  });
}

/** Who is told of questions, and how. Names of channels are the operator's own; logs and records hold nothing else of them. */
export const nudgesFileSchema = z
  .strictObject({
    apiVersion: z.literal('countersign/v1'),
    kind: z.literal('Nudges'),
    /** The reminder is due when this share of a question's time is left. */
    remindWhenLeft: z.number().min(0.01).max(0.9).default(0.25),
    webhooks: atMost(z.record(nameSchema, webhookSchema), maxChannels).default({}),
    mail: atMost(z.record(nameSchema, mailAddressSchema), maxChannels).default({}),
    smtp: smtpSchema.optional(),
    /** Role → channels: who may answer. */
    roles: atMost(z.record(nameSchema, channelNames), 64).default({}),
    /** An agent's `owner` → channels: told when a question was not answered in time. */
    owners: atMost(z.record(nameSchema, channelNames), 64).default({}),
  })
  .superRefine((file, context) => {
    const refuse = (path: readonly (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const mail = Object.keys(file.mail);
    if (mail.length > 0 && file.smtp === undefined) refuse(['smtp'], 'must be there where `mail` is');
    const known = new Set([...mail, ...Object.keys(file.webhooks)]);
    for (const name of mail)
      if (Object.hasOwn(file.webhooks, name)) refuse(['mail', name], 'must not have the name of a webhook');
    for (const section of ['roles', 'owners'] as const)
      for (const [name, channels] of Object.entries(file[section]))
        for (const [at, channel] of channels.entries())
          if (!known.has(channel)) refuse([section, name, at], 'must name a webhook or a mail address of this file');
  });

export type NudgesFile = z.output<typeof nudgesFileSchema>;
