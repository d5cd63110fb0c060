import type { DetailedError, SourceLabel } from '@cedar-policy/cedar-wasm/nodejs';
import { CountersignError } from '../../domain/countersign-error.ts';

/** What can be wrong with a bundle, and what the reader can do about it. */
export const findingHints = {
  'unreadable': 'Put the file where the message says, as plain UTF-8 text.',
  'parse': 'See https://docs.cedarpolicy.com/policies/syntax-policy.html.',
  'format':
    'Write it as the Cedar formatter does, with 2 spaces and 120 columns; `countersign policy check --write` does it.',
  'missing-id': 'Begin the policy with @id("kebab-case-name"): decisions, audit and cases name it.',
  'duplicate-id': 'Choose another @id; ids are unique over all files.',
  'missing-advice': 'Add @advice("…"): the sentence that people and models read when this rule decides.',
  'bad-ask':
    'Write @ask("{\\"quorum\\":1,\\"roles\\":[\\"approver\\"],\\"ttl\\":\\"4h\\",\\"stepUp\\":false}") on a forbid.',
  'ask-never-ends': 'Add `unless { context.approval.granted }`: otherwise it asks again after every approval.',
  'bad-obligation': 'Write @obligation("{\\"kind\\":\\"…\\",\\"parameters\\":{}}") on a permit.',
  'unknown-obligation': 'Use a kind that the enforcement point knows; it refuses what it does not know.',
  'template': 'Write it as a static policy: nothing links templates here.',
  'invalid': 'The schema says which actions and attributes exist; an optional one needs `has` first.',
  'schema-stale': 'Write it again from the catalogue; `countersign policy check --write` does it.',
  'case-invalid': 'A case names its base, what it sets in it, and the rules that decide.',
  'case-failed': 'Mend the policy, or move the case to the folder of the verdict that you want.',
  'never-decisive': 'Add a case that has another verdict without this policy, or delete the policy.',
} as const satisfies Record<string, string>;

export type FindingRule = keyof typeof findingHints;

export interface PolicyFinding {
  readonly file: string;
  readonly line?: number;
  readonly rule: FindingRule;
  readonly message: string;
  readonly hint: string;
}

export function finding(rule: FindingRule, file: string, message: string, line?: number): PolicyFinding {
  return { file, ...(line === undefined ? {} : { line }), rule, message, hint: findingHints[rule] };
}

/** Cedar's own words with the line of the file that they mean; offsets count bytes of UTF-8. */
export function cedarFinding(
  rule: FindingRule,
  file: string,
  text: string,
  error: DetailedError,
  firstLine = 1,
): PolicyFinding {
  const [location] = error.sourceLocations ?? [];
  const message = [error.message, location?.label, error.help].filter((part) => typeof part === 'string').join('; ');
  return finding(rule, file, message, location === undefined ? firstLine : firstLine + lineOf(text, location) - 1);
}

function lineOf(text: string, location: SourceLabel): number {
  return Buffer.from(text, 'utf8').subarray(0, location.start).toString('utf8').split('\n').length;
}

export function policyInvalid(findings: readonly PolicyFinding[]): CountersignError {
  return new CountersignError('policy-invalid', {
    fields: findings.map(({ file, line, rule, message }) => ({
      path: line === undefined ? file : `${file}:${line}`,
      rule: `${rule}: ${message}`,
    })),
  });
}
