import type { CompiledPolicies } from './compile-policies.ts';
import type { ParsedCase } from './parse-cases.ts';
import { finding, type PolicyFinding } from './policy-finding.ts';

/** What a case came to, in the words of a finding where it is not what the case says. */
export interface CaseResult {
  readonly case: ParsedCase;
  readonly verdict: ParsedCase['expected'];
  /** Rules that decided. */
  readonly rules: readonly string[];
  readonly finding?: PolicyFinding;
}

export function runCases(compiled: CompiledPolicies, cases: readonly ParsedCase[]): readonly CaseResult[] {
  return cases.map((parsed) => {
    const verdict = compiled.decide(parsed.request);
    const rules = verdict.reasons.map(({ rule }) => rule);
    const failed = failureOf(parsed, verdict.kind, rules, verdict.kind === 'deny' ? verdict.errors : []);
    return { case: parsed, verdict: verdict.kind, rules, ...(failed === undefined ? {} : { finding: failed }) };
  });
}

function failureOf(
  parsed: ParsedCase,
  verdict: string,
  rules: readonly string[],
  errors: readonly string[],
): PolicyFinding | undefined {
  const same = rules.toSorted().join() === [...new Set(parsed.rules)].toSorted().join();
  if (verdict === parsed.expected && same) return undefined;
  const because = [...rules, ...errors].join(', ');
  return finding(
    'case-failed',
    parsed.file,
    `expected ${parsed.expected} by ${parsed.rules.join(', ')}; got ${verdict} by ${because}`,
  );
}
