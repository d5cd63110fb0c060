import { readFileSync } from 'node:fs';
import { isWebhookAddress, type NudgesFile, nudgesFileSchema } from '../../contracts/nudges-file.schema.ts';
import type { FieldError } from '../../domain/countersign-error.ts';
import type { NudgeChannel, NudgeRouting, NudgeSecret, SmtpSettings } from '../../ports/nudge-channels.port.ts';
import { parseReviewedFile } from '../../reviewed-files/parse-reviewed-file.ts';
import { fileProblem } from '../../reviewed-files/source-files.ts';

/** What a reference stands for, or the rule that it broke; never a piece of the secret. */
export type ReadSecret = (reference: string) => NudgeSecret | { readonly rule: string };

export type ParsedNudges =
  | { readonly routing: NudgeRouting; readonly problems: readonly [] }
  | { readonly routing: undefined; readonly problems: readonly FieldError[] };

/** The file with its secrets in place, or everything that is wrong with it. Rules quote no value. */
export function parseNudgesFile(file: string, text: string, readSecret: ReadSecret): ParsedNudges {
  const problems: FieldError[] = [];
  const settings = parseReviewedFile(file, text, nudgesFileSchema, problems);
  if (settings === undefined) return refused(problems);
  const secret = (path: string, reference: string, rule?: Rule): NudgeSecret => {
    const read = readSecret(reference);
    const broken = 'rule' in read ? read.rule : rule?.broken(read);
    if (broken !== undefined) problems.push(fileProblem(file, path, broken));
    return 'rule' in read ? { reveal: () => '' } : read;
  };
  const ca = settings.smtp?.ca;
  const certificates = ca === undefined ? undefined : certificatesIn(ca);
  if (ca !== undefined && certificates === undefined)
    problems.push(fileProblem(file, 'smtp/ca', 'must name a file with PEM certificates that can be read'));
  const routing = routingOf(settings, secret, certificates);
  return problems.length > 0 ? refused(problems) : { routing, problems: [] };
}

interface Rule {
  broken(secret: NudgeSecret): string | undefined;
}

const signingKey: Rule = {
  broken: (secret) =>
    /^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/.test(secret.reveal())
      ? undefined
      : 'must hold whsec_ and 24 to 64 random bytes as base64',
};

const webhookAddress: Rule = {
  broken: (secret) =>
    isWebhookAddress(secret.reveal()) ? undefined : 'must hold an https address (http on loopback) without a password',
};

type SecretAt = (path: string, reference: string, rule?: Rule) => NudgeSecret;

function routingOf(file: NudgesFile, secret: SecretAt, ca: string | undefined): NudgeRouting {
  const webhooks = Object.entries(file.webhooks).map(([name, { url, key }]): NudgeChannel => {
    const isReference = url.startsWith('file:') || url.startsWith('env:');
    return {
      medium: 'webhook',
      name,
      url: isReference ? secret(`webhooks/${name}/url`, url, webhookAddress) : { reveal: () => url },
      key: secret(`webhooks/${name}/key`, key, signingKey),
    };
  });
  const smtp = file.smtp && smtpOf(file.smtp, secret, ca);
  const mail =
    smtp === undefined
      ? []
      : Object.entries(file.mail).map(([name, address]): NudgeChannel => ({ medium: 'mail', name, address, smtp }));
  return {
    remindWhenLeft: file.remindWhenLeft,
    channels: new Map([...webhooks, ...mail].map((channel) => [channel.name, channel])),
    roles: new Map(Object.entries(file.roles)),
    owners: new Map(Object.entries(file.owners)),
  };
}

function smtpOf(smtp: NonNullable<NudgesFile['smtp']>, secret: SecretAt, ca: string | undefined): SmtpSettings {
  const { host, port, tls, user, password, from } = smtp;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port,
    tls,
    from,
    ...(user !== undefined &&
      password !== undefined && { login: { user, password: secret('smtp/password', password) } }),
    ...(ca !== undefined && { ca }),
  };
}

function certificatesIn(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return text.includes('-----BEGIN CERTIFICATE-----') ? text : undefined;
  } catch {
    return undefined;
  }
}

function refused(problems: readonly FieldError[]): ParsedNudges {
  return { routing: undefined, problems };
}
