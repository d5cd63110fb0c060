import { z } from 'zod';
import { durationSchema } from '../contracts/scalars.schema.ts';
import { durationMs } from '../domain/duration.ts';
import { durabilities } from '../ports/durability.ts';
import { signInVariables } from './sign-in-variables.ts';
import { optional, required } from './variable-notes.ts';
import { decimal, hostAndPort, httpAddress, plainText, wholeNumber } from './variable-schemas.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Every variable with this prefix is ours, or a mistake. */
export const ownPrefix = 'COUNTERSIGN_';

/** Secrets to which reviewed files refer as `env:COUNTERSIGN_SECRET_NAME`; the rest of the name is the operator's. */
export const secretPrefix = `${ownPrefix}SECRET_`;

const port = wholeNumber(0, 65_535);
const duration = durationSchema.transform(durationMs);
const usdPerMillion = { form: 'US dollars, such as 0.25', fallback: '0' } as const;

/** Every variable that is read, and nothing that is not. */
export const environmentSchema = z.strictObject({
  COUNTERSIGN_PORT: required(port, {
    form: 'a port from 0 to 65535',
    fallback: '7070',
    meaning: 'Port of the HTTP API and the pages, on loopback; 0 takes any free one.',
  }),
  COUNTERSIGN_DATA: required(plainText, {
    form: 'a path',
    fallback: '.countersign',
    meaning: 'Data folder of embedded mode; holds keys, so it is for its owner alone.',
  }),
  COUNTERSIGN_AGENTS: required(plainText, {
    form: 'a path',
    fallback: 'agents',
    meaning: 'Folder of agent and tool-server manifests.',
  }),
  COUNTERSIGN_POLICIES: required(plainText, {
    form: 'a path',
    fallback: 'policies',
    meaning: 'Folder of Cedar policies.',
  }),
  COUNTERSIGN_URL: optional(httpAddress, {
    form: 'an http or https address without user name and password',
    meaning: 'Server that commands talk to; without it, the one that owns the data folder.',
  }),
  COUNTERSIGN_TOKEN: optional(plainText, {
    form: 'a bearer token, or file:PATH',
    secret: true,
    meaning: 'Who commands act as; without it, the development identity `--as NAME`.',
  }),
  COUNTERSIGN_MODEL_BASE_URL: optional(httpAddress, {
    form: 'an http or https address without user name and password',
    meaning: 'OpenAI-compatible endpoint, up to and with `/v1`; without it, the embedded rehearsal model.',
  }),
  COUNTERSIGN_MODEL: optional(plainText, {
    form: 'the name of a model',
    meaning: 'The model’s name at its host; goes with COUNTERSIGN_MODEL_BASE_URL.',
  }),
  COUNTERSIGN_MODEL_API_KEY: optional(plainText, {
    form: 'a key, or file:PATH',
    secret: true,
    meaning: 'Sent to the model’s host as bearer token.',
  }),
  COUNTERSIGN_API_KEY: optional(plainText, {
    form: 'a key, or file:PATH',
    secret: true,
    meaning: 'Short name of COUNTERSIGN_MODEL_API_KEY; not both.',
  }),
  COUNTERSIGN_MODEL_TIMEOUT: required(duration, {
    form: 'a duration such as 30s or 5m',
    fallback: '2m',
    meaning: 'For one model call, from the request to the last byte.',
  }),
  COUNTERSIGN_MODEL_INPUT_PRICE: required(decimal, {
    ...usdPerMillion,
    meaning: 'US dollars per million input tokens, for cost and budget.',
  }),
  COUNTERSIGN_MODEL_OUTPUT_PRICE: required(decimal, {
    ...usdPerMillion,
    meaning: 'US dollars per million output tokens, for cost and budget.',
  }),
  COUNTERSIGN_TURNS_PER_EXECUTION: required(wholeNumber(1, 1_000), {
    form: 'a whole number from 1 to 1000',
    fallback: '40',
    meaning: 'Model turns after which a run continues as new, so that its history stays short.',
  }),
  COUNTERSIGN_DURABILITY: required(z.enum(durabilities), {
    form: `one of ${durabilities.join(', ')}`,
    fallback: 'process',
    meaning:
      'What acknowledged writes of embedded mode survive: a kill of the process, or a power cut as well (slower).',
  }),
  ...signInVariables,
  COUNTERSIGN_SESSION_IDLE: required(duration, {
    form: 'a duration such as 30m',
    fallback: '30m',
    meaning: 'A person’s session ends when it was not used for so long.',
  }),
  COUNTERSIGN_SESSION_END: required(duration, {
    form: 'a duration such as 12h',
    fallback: '12h',
    meaning: 'A person’s session ends after so long, however busy it was.',
  }),
  COUNTERSIGN_LOG_LEVEL: required(z.enum(logLevels), {
    form: `one of ${logLevels.join(', ')}`,
    fallback: 'info',
    meaning: 'Least level of the lines in `countersign.log`, in the data folder.',
  }),
  COUNTERSIGN_NUDGES: optional(plainText, {
    form: 'a path',
    meaning:
      'The reviewed file that says who is told of open questions, by webhook or mail. It refers to secrets as `file:PATH` or `env:COUNTERSIGN_SECRET_NAME`; without it, nobody is told.',
  }),
  COUNTERSIGN_PUBLIC_URL: optional(httpAddress, {
    form: 'an http or https address without user name and password',
    meaning:
      'Where people reach the pages, for links in messages and the way back from an identity provider, which needs https (http on this machine) and no path; without it, `http://localhost` and the port.',
  }),
  COUNTERSIGN_CHROMIUM: optional(plainText, {
    form: 'a path',
    meaning: 'Chromium for the browser tests; without it, one is looked for.',
  }),
  TEMPORAL_ADDRESS: optional(hostAndPort, {
    form: 'host:port',
    meaning: 'A Temporal server that runs already; without it, one is started on the data folder.',
  }),
  TEMPORAL_NAMESPACE: required(plainText, {
    form: 'the name of a namespace',
    fallback: 'default',
    meaning: 'Namespace on the server of TEMPORAL_ADDRESS.',
  }),
  NO_COLOR: optional(z.string(), { form: 'anything', meaning: 'With any value, output has no colours.' }),
  XDG_CACHE_HOME: optional(z.string(), {
    form: 'an absolute path',
    meaning: 'The user’s cache, in which a Temporal server is kept once it was fetched; otherwise `~/.cache`.',
  }),
});

export type Environment = z.output<typeof environmentSchema>;

export function isVariable(name: string): name is keyof Environment {
  return Object.hasOwn(environmentSchema.shape, name);
}
