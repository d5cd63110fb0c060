import { homedir } from 'node:os';
import process from 'node:process';
import { CountersignError, type FieldError } from '../domain/countersign-error.ts';
import type { Configuration, ModelConfiguration, Surroundings } from './configuration.ts';
import { type Environment, environmentSchema, isVariable, ownPrefix, secretPrefix } from './environment-schema.ts';
import { nearestName } from './nearest-name.ts';
import { readSecret, type Secret } from './secret.ts';
import { signInOf, signInProblems } from './sign-in-configuration.ts';
import { variableNotes } from './variable-notes.ts';

/** For the test suite's own use; the product reads none of them. */
const testPrefix = 'COUNTERSIGN_TEST_';

type RawEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration that the environment describes. A variable that is set to nothing counts as not set.
 *
 * @throws CountersignError `invalid-configuration` with every variable that is wrong; values are never repeated
 */
export function readConfiguration(env: RawEnvironment = process.env): Configuration {
  const given = variablesIn(env);
  const names = Object.keys(given);
  const parsed = environmentSchema.safeParse(
    Object.fromEntries(names.filter(isVariable).map((name) => [name, given[name]])),
  );
  const secrets = readSecrets(given);
  const problems = [
    ...names.filter((name) => !isVariable(name) && !isNamedSecret(name)).map(unknownVariable),
    ...new Set(parsed.error?.issues.map(({ path }) => String(path[0]))).values(),
    ...secrets.problems,
    ...modelProblems(given),
    ...signInProblems(given),
  ].map((problem) => (typeof problem === 'string' ? broken(problem) : problem));
  if (parsed.data === undefined || problems.length > 0)
    throw new CountersignError('invalid-configuration', { fields: problems });
  return compose(parsed.data, secrets, env);
}

function compose(
  values: Environment,
  { token, apiKey, named, clientSecret }: Secrets,
  env: RawEnvironment,
): Configuration {
  return {
    port: values.COUNTERSIGN_PORT,
    dataFolder: values.COUNTERSIGN_DATA,
    agentsFolder: values.COUNTERSIGN_AGENTS,
    policiesFolder: values.COUNTERSIGN_POLICIES,
    url: values.COUNTERSIGN_URL?.replace(/\/+$/, ''),
    token,
    model: modelOf(values, apiKey),
    signIn: signInOf(values, clientSecret),
    turnsPerExecution: values.COUNTERSIGN_TURNS_PER_EXECUTION,
    durability: values.COUNTERSIGN_DURABILITY,
    sessions: { idleMs: values.COUNTERSIGN_SESSION_IDLE, absoluteMs: values.COUNTERSIGN_SESSION_END },
    logLevel: values.COUNTERSIGN_LOG_LEVEL,
    nudgesFile: values.COUNTERSIGN_NUDGES,
    publicUrl: values.COUNTERSIGN_PUBLIC_URL?.replace(/\/+$/, ''),
    secrets: named,
    chromium: values.COUNTERSIGN_CHROMIUM,
    temporal: { address: values.TEMPORAL_ADDRESS, namespace: values.TEMPORAL_NAMESPACE },
    colour: values.NO_COLOR === undefined && env['TERM'] !== 'dumb',
    surroundings: surroundingsOf(values, env),
  };
}

function modelOf(values: Environment, apiKey: Secret | undefined): ModelConfiguration | undefined {
  const { COUNTERSIGN_MODEL_BASE_URL: baseUrl, COUNTERSIGN_MODEL: model } = values;
  if (baseUrl === undefined || model === undefined) return undefined;
  const prices = {
    inputUsdPerMillionTokens: values.COUNTERSIGN_MODEL_INPUT_PRICE,
    outputUsdPerMillionTokens: values.COUNTERSIGN_MODEL_OUTPUT_PRICE,
  };
  return { baseUrl, model, apiKey, timeoutMs: values.COUNTERSIGN_MODEL_TIMEOUT, prices };
}

function surroundingsOf(values: Environment, env: RawEnvironment): Surroundings {
  const inherited = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith(ownPrefix),
  );
  return {
    searchPath: env['PATH'] ?? '',
    home: homedir(),
    xdgCacheHome: values.XDG_CACHE_HOME,
    childEnvironment: Object.fromEntries(inherited),
  };
}

function variablesIn(env: RawEnvironment): Readonly<Record<string, string>> {
  const isOurs = (name: string) => isVariable(name) || (name.startsWith(ownPrefix) && !name.startsWith(testPrefix));
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] => Boolean(entry[1]) && isOurs(entry[0]),
  );
  return Object.fromEntries(entries);
}

interface Secrets {
  readonly token: Secret | undefined;
  readonly apiKey: Secret | undefined;
  readonly named: Readonly<Record<string, Secret>>;
  readonly clientSecret: Secret | undefined;
}

function readSecrets(given: Readonly<Record<string, string>>): Secrets & { readonly problems: readonly FieldError[] } {
  const problems: FieldError[] = [];
  const read = (name: string): Secret | undefined => {
    const answer = given[name] === undefined ? undefined : readSecret(given[name]);
    if (answer === undefined || 'reveal' in answer) return answer;
    problems.push({ path: name, rule: answer.rule });
    return undefined;
  };
  const apiKeys = [read('COUNTERSIGN_MODEL_API_KEY'), read('COUNTERSIGN_API_KEY')];
  const named = Object.keys(given)
    .filter(isNamedSecret)
    .flatMap((name) => {
      const secret = read(name);
      return secret === undefined ? [] : [[name, secret] as const];
    });
  return {
    token: read('COUNTERSIGN_TOKEN'),
    named: Object.fromEntries(named),
    apiKey: apiKeys.find((key) => key !== undefined),
    clientSecret: read('COUNTERSIGN_OIDC_CLIENT_SECRET'),
    problems,
  };
}

function isNamedSecret(name: string): boolean {
  return name.startsWith(secretPrefix) && name.length > secretPrefix.length;
}

/** Variables that only make sense together, or not together. */
function modelProblems(given: Readonly<Record<string, string>>): readonly FieldError[] {
  const has = (name: string) => given[name] !== undefined;
  const hasKey = has('COUNTERSIGN_MODEL_API_KEY') || has('COUNTERSIGN_API_KEY');
  const problems: FieldError[] = [];
  if (has('COUNTERSIGN_MODEL_API_KEY') && has('COUNTERSIGN_API_KEY')) {
    problems.push({
      path: 'COUNTERSIGN_API_KEY',
      rule: 'must not stand beside COUNTERSIGN_MODEL_API_KEY, which it is short for',
    });
  }
  if (has('COUNTERSIGN_MODEL_BASE_URL') && !has('COUNTERSIGN_MODEL')) {
    problems.push({ path: 'COUNTERSIGN_MODEL', rule: 'must be set where COUNTERSIGN_MODEL_BASE_URL is' });
  }
  if (!has('COUNTERSIGN_MODEL_BASE_URL') && (has('COUNTERSIGN_MODEL') || hasKey)) {
    problems.push({ path: 'COUNTERSIGN_MODEL_BASE_URL', rule: 'must be set where a model or its key is' });
  }
  return problems;
}

function unknownVariable(name: string): FieldError {
  const near = nearestName(name, Object.keys(environmentSchema.shape));
  const hint = near === undefined ? 'docs/reference/configuration.md lists them all' : `did you mean ${near}?`;
  return { path: name, rule: `is not a variable of Countersign; ${hint}` };
}

function broken(name: string): FieldError {
  const note = isVariable(name) ? variableNotes.get(environmentSchema.shape[name]) : undefined;
  return { path: name, rule: `must be ${note?.form ?? 'valid'}` };
}
