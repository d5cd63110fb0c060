import type { Nudge, NudgeOutcome } from '../domain/nudge.ts';

/** A value that no log, JSON or inspection shows by accident. */
export interface NudgeSecret {
  reveal(): string;
}

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `none` on loopback only. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly login?: { readonly user: string; readonly password: NudgeSecret };
  readonly from: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
}

export interface WebhookChannel {
  readonly medium: 'webhook';
  /** The operator's own name for it: all that logs and records say of it. */
  readonly name: string;
  /** Whoever knows the address of a chat's webhook may write there, so it is a secret. */
  readonly url: NudgeSecret;
  /** `whsec_` and base64, as Standard Webhooks writes it. */
  readonly key: NudgeSecret;
}

export interface MailChannel {
  readonly medium: 'mail';
  readonly name: string;
  readonly address: string;
  readonly smtp: SmtpSettings;
}

export type NudgeChannel = WebhookChannel | MailChannel;

/** Whom the operator wants told, and how. Channels are named; each is one webhook or one mail address. */
export interface NudgeRouting {
  /** Where policy names no time, the reminder is due when this share of a question's time is left, between 0 and 1. */
  readonly remindWhenLeft: number;
  readonly channels: ReadonlyMap<string, NudgeChannel>;
  /** Role → names of channels. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** The group that owns an agent → names of channels. */
  readonly owners: ReadonlyMap<string, readonly string[]>;
}

export interface NudgeChannels {
  /** The same object until something else is in force. */
  inForce(): NudgeRouting;
}

/** Sends one message over one channel, once. Never throws, and takes no longer than half a minute. */
export interface NudgeSender {
  send(channel: NudgeChannel, nudge: Nudge, signal: AbortSignal): Promise<NudgeOutcome>;
}
