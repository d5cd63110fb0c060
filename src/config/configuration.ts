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
