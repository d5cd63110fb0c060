import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../src/config/read-configuration.ts';
import { configurationRows, renderConfigurationTable, renderErrorTable } from '../../../src/config/reference-tables.ts';
import { CountersignError } from '../../../src/domain/countersign-error.ts';
import { errorRegistry } from '../../../src/domain/error-registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const model = { COUNTERSIGN_MODEL_BASE_URL: 'http://127.0.0.1:8000/v1', COUNTERSIGN_MODEL: 'small' };

function refused(env: Record<string, string>): CountersignError {
  try {
    readConfiguration(env);
  } catch (error) {
    if (error instanceof CountersignError) return error;
  }
  throw new Error('the configuration was taken');
}

const namesIn = (env: Record<string, string>) => refused(env).fields.map(({ path }) => path);

test('an empty environment is a whole configuration', () => {
  expect(readConfiguration({})).toMatchObject({
    port: 7070,
    dataFolder: '.countersign',
    model: undefined,
    temporal: { address: undefined, namespace: 'default' },
    colour: true,
  });
});

test('a variable that is set to nothing counts as not set', () => {
  expect(readConfiguration({ COUNTERSIGN_PORT: '', NO_COLOR: '' })).toMatchObject({ port: 7070, colour: true });
});

test('everything that is wrong is reported together', () => {
  const env = {
    COUNTERSIGN_PORT: '70700',
    COUNTERSIGN_LOG_LEVEL: 'loud',
    COUNTERSIGN_PROT: '1',
    COUNTERSIGN_TOKEN: `file:${join(folder, 'missing')}`,
    COUNTERSIGN_MODEL: 'small',
    TEMPORAL_ADDRESS: 'somewhere',
  };
  expect(refused(env).code).toBe('invalid-configuration');
  expect(namesIn(env).sort()).toEqual(
    [
      'COUNTERSIGN_MODEL_BASE_URL',
      'COUNTERSIGN_PORT',
      'COUNTERSIGN_PROT',
      'COUNTERSIGN_TOKEN',
      'COUNTERSIGN_LOG_LEVEL',
      'TEMPORAL_ADDRESS',
    ].sort(),
  );
});

test('a misspelt variable is told its likely name', () => {
  expect(refused({ COUNTERSIGN_MODEL_BASEURL: 'http://x/v1' }).fields[0]?.rule).toContain('COUNTERSIGN_MODEL_BASE_URL');
});

test.each(['-1', '65536', '7070.5', '0x10', '1e3', ' 7070', '٧٠٧٠'])('%j is no port', (text) => {
  expect(namesIn({ COUNTERSIGN_PORT: text })).toEqual(['COUNTERSIGN_PORT']);
});

test('variables of the test suite and of other programs are left alone', () => {
  expect(() => readConfiguration({ COUNTERSIGN_TEST_KILLS: '3', PATH: '/bin', EDITOR: 'ed' })).not.toThrow();
});

test('a model needs its address, and an address its model', () => {
  expect(namesIn({ COUNTERSIGN_MODEL_BASE_URL: model.COUNTERSIGN_MODEL_BASE_URL })).toEqual(['COUNTERSIGN_MODEL']);
  expect(namesIn({ COUNTERSIGN_MODEL: 'small' })).toEqual(['COUNTERSIGN_MODEL_BASE_URL']);
  expect(readConfiguration(model).model).toMatchObject({
    baseUrl: model.COUNTERSIGN_MODEL_BASE_URL,
    model: 'small',
    timeoutMs: 120_000,
  });
});

describe('a secret', () => {
  const key = 'sk-very-secret';

  test('is not shown by JSON, inspection, or an error about another variable', () => {
    const configuration = readConfiguration({ ...model, COUNTERSIGN_MODEL_API_KEY: key, COUNTERSIGN_TOKEN: key });
    expect(JSON.stringify(configuration)).not.toContain(key);
    expect(inspect(configuration, { depth: 9, showHidden: true })).not.toContain(key);
    const error = refused({ ...model, COUNTERSIGN_MODEL_API_KEY: `${key} ${key}`, COUNTERSIGN_PORT: key });
    expect(`${error.message} ${JSON.stringify(error.fields)}`).not.toContain(key);
  });

  test('is not handed on to programs that are started', () => {
    const { surroundings } = readConfiguration({ ...model, COUNTERSIGN_MODEL_API_KEY: key, PATH: '/bin' });
    expect(surroundings.childEnvironment).toEqual({ PATH: '/bin' });
  });

  test('may be the content of a file, without its last line break', () => {
    const file = join(folder, 'key');
    writeFileSync(file, `${key}\n`);
    const { model: read } = readConfiguration({ ...model, COUNTERSIGN_MODEL_API_KEY: `file:${file}` });
    expect(read?.apiKey?.reveal()).toBe(key);
  });

  test('has one line', () => {
    const file = join(folder, 'two-lines');
    writeFileSync(file, `${key}\nX-Injected: 1\n`);
    expect(namesIn({ ...model, COUNTERSIGN_MODEL_API_KEY: `file:${file}` })).toEqual(['COUNTERSIGN_MODEL_API_KEY']);
  });

  test('of a model has one name at a time', () => {
    expect(readConfiguration({ ...model, COUNTERSIGN_API_KEY: key }).model?.apiKey?.reveal()).toBe(key);
    expect(namesIn({ ...model, COUNTERSIGN_API_KEY: key, COUNTERSIGN_MODEL_API_KEY: key })).toEqual([
      'COUNTERSIGN_API_KEY',
    ]);
  });
});

test('an address does not carry a password', () => {
  expect(namesIn({ COUNTERSIGN_URL: 'http://user:pass@host' })).toEqual(['COUNTERSIGN_URL']);
  expect(namesIn({ COUNTERSIGN_URL: 'file:///etc' })).toEqual(['COUNTERSIGN_URL']);
});

describe('the reference', () => {
  test('has a row for every variable, and every default is what is used', () => {
    expect(configurationRows.length).toBeGreaterThan(15);
    const defaults = configurationRows.flatMap(({ name, fallback }) =>
      fallback === undefined ? [] : [[name, fallback] as const],
    );
    const { surroundings, ...used } = readConfiguration(Object.fromEntries(defaults));
    expect(readConfiguration({})).toMatchObject(used);
    expect(surroundings.childEnvironment).toEqual({ TEMPORAL_NAMESPACE: 'default' });
  });

  test('has one line for every variable and every error code', () => {
    expect(renderConfigurationTable().trimEnd().split('\n')).toHaveLength(configurationRows.length + 2);
    expect(renderErrorTable().trimEnd().split('\n')).toHaveLength(Object.keys(errorRegistry).length + 2);
  });
});

test('a variable for a reviewed file’s secret is kept as one, and shown nowhere', () => {
  const { secrets } = readConfiguration({ COUNTERSIGN_SECRET_CHAT: 'planted-value' });
  expect(secrets['COUNTERSIGN_SECRET_CHAT']?.reveal()).toBe('planted-value');
  expect(JSON.stringify(secrets) + inspect(secrets, { depth: 9 })).not.toContain('planted-value');
  expect(namesIn({ COUNTERSIGN_SECRET_: 'x', COUNTERSIGN_SECRET_BROKEN: 'two\nlines' })).toEqual([
    'COUNTERSIGN_SECRET_',
    'COUNTERSIGN_SECRET_BROKEN',
  ]);
});
