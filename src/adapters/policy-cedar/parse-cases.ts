import type { z } from 'zod';
import { type PolicyCaseFacts, policyCaseFactsSchema, policyCaseSchema } from '../../contracts/policy-case.schema.ts';
import { assertNever } from '../../domain/assert-never.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { actionRequest, type PolicyRequest, startRunRequest } from '../../domain/policy-request.ts';
import { parseYaml } from '../../reviewed-files/parse-yaml.ts';
import type { SourceFiles } from '../../reviewed-files/source-files.ts';
import { finding, type PolicyFinding } from './policy-finding.ts';

export const caseVerdicts = ['allow', 'deny', 'ask'] as const;
export type CaseVerdict = (typeof caseVerdicts)[number];

/** One case, ready to be put before policy. */
export interface ParsedCase {
  readonly file: string;
  readonly expected: CaseVerdict;
  readonly rules: readonly string[];
  readonly request: PolicyRequest;
}

const casePath = /^cases\/([^/]+)\/(allow|deny|ask|bases)\/([a-z0-9_-]{1,120})\.json$/;

export function parseCases(files: SourceFiles): {
  readonly cases: readonly ParsedCase[];
  readonly findings: readonly PolicyFinding[];
} {
  const findings: PolicyFinding[] = [];
  const cases = Object.entries(files).flatMap(([file, text]) => {
    const [, area = '', folder = ''] = casePath.exec(file) ?? [];
    const expected = caseVerdicts.find((verdict) => verdict === folder);
    if (area === '')
      findings.push(finding('case-invalid', file, 'must be cases/<area>/{allow,deny,ask,bases}/<sentence>.json'));
    return expected === undefined ? [] : parseCase({ file, text, area, expected }, files, findings);
  });
  return { cases, findings };
}

interface CaseSource {
  readonly file: string;
  readonly text: string;
  readonly area: string;
  readonly expected: CaseVerdict;
}

function parseCase(
  { file, text, area, expected }: CaseSource,
  files: SourceFiles,
  findings: PolicyFinding[],
): ParsedCase[] {
  const report = (rules: readonly string[], where = file): ParsedCase[] => {
    findings.push(...rules.map((rule) => finding('case-invalid', where, rule)));
    return [];
  };
  const parsed = parseYaml(text);
  if (!('value' in parsed)) return report(parsed.rules);
  const description = policyCaseSchema.safeParse(parsed.value);
  if (!description.success) return report(rulesOf(description.error));
  const { base, set, rules } = description.data;
  const baseFile = `cases/${area}/bases/${base}.json`;
  const baseText = files[baseFile];
  if (baseText === undefined) return report([`its base ${baseFile} does not exist`]);
  const baseFacts = parseYaml(baseText);
  if (!('value' in baseFacts)) return report(baseFacts.rules, baseFile);
  const facts = policyCaseFactsSchema.safeParse(merge(baseFacts.value, set));
  return facts.success ? [{ file, expected, rules, request: requestOf(facts.data) }] : report(rulesOf(facts.error));
}

function rulesOf(error: z.ZodError): string[] {
  return error.issues.slice(0, 20).map((issue) => `${issue.path.join('/') || 'case'}: ${issue.message}`);
}

/** RFC 7396 merge patch. */
function merge(base: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map<string, JsonValue>(Object.entries(isJsonObject(base) ? base : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, merge(merged.get(name), value));
  }
  const result: JsonObject = Object.fromEntries(merged);
  return result;
}

function requestOf(facts: PolicyCaseFacts): PolicyRequest {
  switch (facts.kind) {
    case 'tool-call':
    case 'answer':
      return actionRequest(facts);
    case 'start-run':
      return startRunRequest(facts);
    default:
      return assertNever(facts);
  }
}
