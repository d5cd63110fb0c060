import { formatPolicies } from '@cedar-policy/cedar-wasm/nodejs';
import type { Catalogue } from '../../ports/catalogue.port.ts';
import { type CompileOptions, compilePolicies } from './compile-policies.ts';
import { policyDigestOf } from './create-cedar-policy.ts';
import { generateCedarSchema } from './generate-cedar-schema.ts';
import { parseCases } from './parse-cases.ts';
import { parsePolicies } from './parse-policies.ts';
import { type PolicyCoverage, policyCoverage } from './policy-coverage.ts';
import { finding, type PolicyFinding } from './policy-finding.ts';
import { readCedarSchema } from './read-cedar-schema.ts';
import { type PolicyFolder, readCaseFiles, readPolicyFolder } from './read-policy-folder.ts';
import { runCases } from './run-cases.ts';
import { unknownObligations, validatePolicies } from './validate-policies.ts';

export interface PolicyReport {
  /** No findings at all. */
  readonly ok: boolean;
  readonly policyDigest: string;
  readonly findings: readonly PolicyFinding[];
  readonly policies: number;
  readonly cases: { readonly total: number; readonly passed: number };
  /** Empty where the bundle could not be compiled. */
  readonly coverage: readonly PolicyCoverage[];
}

export interface CheckOptions {
  /** Kinds of obligations that the enforcement point fulfils. */
  readonly obligations?: readonly string[];
}

/**
 * Everything that can be said of a policies folder before it is put in force: format, parse, strict validation
 * against the catalogue, the checked-in schema, the cases, and whether each policy matters to one of them.
 */
export async function checkPolicies(
  folder: string,
  catalogue: Catalogue,
  { obligations = [] }: CheckOptions = {},
): Promise<PolicyReport> {
  const read = await readPolicyFolder(folder);
  const schema = generateCedarSchema(catalogue);
  const parsed = parsePolicies(read.policies);
  const unusable = [
    ...read.findings,
    ...parsed.findings,
    ...(parsed.findings.length > 0 ? [] : validatePolicies(parsed.policies, schema)),
  ];
  const flaws = [
    ...formatFindings(read),
    ...schemaFindings(read, schema),
    ...unknownObligations(parsed.policies, obligations),
  ];
  const policyDigest = policyDigestOf({ policies: read.policies, schema });
  const common = { policyDigest, policies: parsed.policies.length };
  if (unusable.length > 0) {
    return { ...common, ok: false, findings: [...unusable, ...flaws], cases: { total: 0, passed: 0 }, coverage: [] };
  }
  const tried = await tryCases(folder, { policies: parsed.policies, schema: readCedarSchema(schema), obligations });
  const findings = [...flaws, ...tried.findings];
  return { ...common, ok: findings.length === 0, findings, cases: tried.cases, coverage: tried.coverage };
}

type Tried = Pick<PolicyReport, 'findings' | 'cases' | 'coverage'>;

async function tryCases(folder: string, options: CompileOptions): Promise<Tried> {
  const files = await readCaseFiles(folder);
  const { cases, findings } = parseCases(files.files);
  const compiled = compilePolicies(options);
  try {
    const results = runCases(compiled, cases);
    const failures = results.map((result) => result.finding).filter((failure) => failure !== undefined);
    const coverage = policyCoverage(options, results);
    return {
      findings: [...files.findings, ...findings, ...failures, ...coverage.flatMap(indecisive)],
      cases: { total: results.length, passed: results.length - failures.length },
      coverage,
    };
  } finally {
    compiled.retire();
  }
}

function indecisive({ rule, file, line, coverage }: PolicyCoverage): PolicyFinding[] {
  if (coverage === 'decisive') return [];
  const message = coverage === 'fired' ? `${rule} decides, and no case needs it` : `no case meets ${rule}`;
  return [finding('never-decisive', file, message, line)];
}

/** The text as the formatter writes it; a file that does not parse is reported elsewhere. */
export function formattedPolicies(text: string): string | undefined {
  const answer = formatPolicies({ policyText: text, lineWidth: 120, indentWidth: 2 });
  return answer.type === 'success' ? answer.formatted_policy : undefined;
}

function formatFindings({ policies }: PolicyFolder): PolicyFinding[] {
  return Object.entries(policies).flatMap(([file, text]) => {
    const formatted = formattedPolicies(text);
    if (formatted === undefined || formatted === text) return [];
    const lines = text.split('\n');
    const first = formatted.split('\n').findIndex((line, index) => line !== lines[index]);
    return [finding('format', file, 'is not formatted', first + 1)];
  });
}

function schemaFindings(read: PolicyFolder, generated: string): PolicyFinding[] {
  if (read.schema === undefined || read.schema === generated) return [];
  return [finding('schema-stale', 'schema.cedarschema', 'is not what the catalogue generates')];
}
