import { type CompileOptions, compilePolicies } from './compile-policies.ts';
import type { ParsedPolicy } from './parse-policies.ts';
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
  return options.policies.map((policy) => {
    const others = options.policies.filter((other) => other !== policy);
    const flipped = anyFlips(
      { ...options, policies: others },
      results.filter((result) => maySway(policy, result)),
    );
    const fired = results.some(({ rules }) => rules.includes(policy.id));
    return {
      rule: policy.id,
      file: policy.file,
      line: policy.line,
      coverage: flipped ? 'decisive' : fired ? 'fired' : 'never',
    };
  });
}

/** A policy that is not satisfied changes nothing when it goes. Permits are not named in an ask, nor rules in an error. */
function maySway(policy: ParsedPolicy, { verdict, rules }: CaseResult): boolean {
  return (
    rules.includes(policy.id) || rules.includes('policy-error') || (verdict === 'ask' && policy.effect === 'permit')
  );
}

function anyFlips(options: CompileOptions, results: readonly CaseResult[]): boolean {
  if (results.length === 0) return false;
  const cases = results.map((result) => result.case);
  const compiled = compilePolicies({ ...options, actions: new Set(cases.map(({ request }) => request.action)) });
  try {
    return runCases(compiled, cases).some(({ verdict }, index) => verdict !== results[index]?.verdict);
  } finally {
    compiled.retire();
  }
}
