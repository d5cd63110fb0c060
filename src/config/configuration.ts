import type { Durability } from '../ports/durability.ts';
import type { LogLevel } from './environment-schema.ts';
import type { Secret } from './secret.ts';

/** A model at an OpenAI-compatible host. */
export interface ModelConfiguration {
  readonly baseUrl: string;
  readonly model: string;
  readonly apiKey: Secret | undefined;
  readonly timeoutMs: number;
  readonly prices: { readonly inputUsdPerMillionTokens: number; readonly outputUsdPerMillionTokens: number };
}

/** Sign-in through an identity provider. */
export interface SignInConfiguration {
  /** Where browsers reach the server: an origin, without a trailing slash. */
  readonly publicUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly scopes: string;
  readonly claims: {
    readonly rolesClaim: string;
    readonly groupsClaim: string;
    readonly roleMap: ReadonlyMap<string, string> | undefined;
    readonly groupMap: ReadonlyMap<string, string> | undefined;
    readonly tenant: { readonly fixed: string } | { readonly claim: string };
  };
  /** For how long the provider's word about a person is good. */
  readonly maxAgeMs: number;
  /** After how long it is asked again about a person who is here. */
  readonly refreshAfterMs: number;
  /** What a fresh sign-in must be to count as a step-up. Undefined: none counts as one. */
  readonly stepUp: { readonly acr?: string } | undefined;
  /** Undefined: bearer tokens are taken from nobody. */
  readonly bearer:
    | { readonly audience: string; readonly services: readonly string[]; readonly speakers: readonly string[] }
    | undefined;
}

/** Everything that the environment decides, parsed once at the start. */
export interface Configuration {
  readonly port: number;
  readonly dataFolder: string;
  readonly agentsFolder: string;
  readonly policiesFolder: string;
  /** The server that commands talk to. */
  readonly url: string | undefined;
  readonly token: Secret | undefined;
  /** Undefined: the embedded rehearsal model. */
  readonly model: ModelConfiguration | undefined;
  /** Undefined: development identities, on this machine only. */
  readonly signIn: SignInConfiguration | undefined;
  readonly turnsPerExecution: number;
  readonly durability: Durability;
  /** When people's sessions end: unused, and in any case. */
  readonly sessions: { readonly idleMs: number; readonly absoluteMs: number };
  readonly logLevel: LogLevel;
  /** The file that says who is told of questions; undefined: nobody is. */
  readonly nudgesFile: string | undefined;
  /** Where people reach the pages, without a trailing slash; undefined: on this machine only. */
  readonly publicUrl: string | undefined;
  /** Secrets to which reviewed files refer, by the names of their variables. */
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly chromium: string | undefined;
  readonly temporal: { readonly address: string | undefined; readonly namespace: string };
  /** False where the user or the terminal wants none. */
  readonly colour: boolean;
  readonly surroundings: Surroundings;
}

/** What the machine says of itself and its user. */
export interface Surroundings {
  /** `PATH`. */
  readonly searchPath: string;
  readonly home: string;
  readonly xdgCacheHome: string | undefined;
  /** For programs that are started: the whole environment but for our own variables, which may be secrets. */
  readonly childEnvironment: Readonly<Record<string, string>>;
}
