import { type CompileOptions, compilePolicies } from './compile-policies.ts';
import type { ParsedCase } from './parse-cases.ts';
import { type CaseResult, runCases } from './run-cases.ts';

/**
 * What the cases know of a policy. `decisive`: without it, some case has another verdict. `fired`: it decided
 * in some case, and every verdict would be the same without it. `never`: no case meets it.
 */
export interface PolicyCoverage {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly coverage: 'decisive' | 'fired' | 'never';
}

/** Deletes each policy in turn and runs the cases again. `results` are those of the whole bundle. */
export function policyCoverage(options: CompileOptions, results: readonly CaseResult[]): readonly PolicyCoverage[] {
  const cases = results.map((result) => result.case);
  return options.policies.map((policy) => {
    const others = options.policies.filter((other) => other !== policy);
    const flipped = verdictsOf({ ...options, policies: others }, cases).some((verdict, index) => verdict !== results[index]?.verdict);
    const fired = results.some(({ rules }) => rules.includes(policy.id));
    return { rule: policy.id, file: policy.file, line: policy.line, coverage: flipped ? 'decisive' : fired ? 'fired' : 'never' };
  });
}

function verdictsOf(options: CompileOptions, cases: readonly ParsedCase[]): readonly string[] {
  const compiled = compilePolicies(options);
  try {
    return runCases(compiled, cases).map(({ verdict }) => verdict);
  } finally {
    compiled.retire();
  }
}
