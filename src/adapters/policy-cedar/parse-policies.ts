import { type PolicyJson, policySetTextToParts, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { ApprovalRequirement } from '../../domain/decision.ts';
import type { Obligation } from '../../ports/policy.port.ts';
import type { SourceFiles } from '../../reviewed-files/source-files.ts';
import { type ParsedAsk, parseAsk } from './parse-ask.ts';
import { parseObligations } from './policy-annotations.ts';
import { cedarFinding, type FindingRule, finding, type PolicyFinding } from './policy-finding.ts';

/** One policy, its annotations read once: Cedar does not hand them out with a decision. */
export interface ParsedPolicy {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly effect: 'permit' | 'forbid';
  readonly advice: string;
  readonly action: PolicyJson['action'];
  readonly obligations: readonly Obligation[];
  /** Only of a forbid: who may lift it. */
  readonly ask?: ApprovalRequirement;
}

const idForm = /^[a-z][a-z0-9-]{2,95}$/;
const maxAdviceCharacters = 300;

/** Every policy of every file by its `@id`, and everything that is wrong with them. */
export function parsePolicies(files: SourceFiles): {
  readonly policies: readonly ParsedPolicy[];
  readonly findings: readonly PolicyFinding[];
} {
  const findings: PolicyFinding[] = [];
  const policies = new Map<string, ParsedPolicy>();
  for (const [file, text] of Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    for (const policy of parseFile(file, text, findings)) {
      if (policies.has(policy.id))
        findings.push(finding('duplicate-id', file, `@id("${policy.id}") is used twice`, policy.line));
      else policies.set(policy.id, policy);
    }
  }
  return { policies: [...policies.values()], findings };
}

function parseFile(file: string, text: string, findings: PolicyFinding[]): ParsedPolicy[] {
  const answer = policySetTextToParts(text);
  if (answer.type === 'failure') {
    findings.push(...answer.errors.map((error) => cedarFinding('parse', file, text, error)));
    return [];
  }
  if (answer.policy_templates.length > 0) findings.push(finding('template', file, 'templates are not used'));
  return answer.policies.flatMap((policy) => {
    const line = text.slice(0, Math.max(0, text.indexOf(policy))).split('\n').length;
    const json = policyToJson(policy);
    if (json.type === 'success') return parsePolicy({ file, line, text: policy, json: json.json }, findings);
    findings.push(...json.errors.map((error) => cedarFinding('parse', file, policy, error, line)));
    return [];
  });
}

interface PolicySource {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly json: PolicyJson;
}

function parsePolicy({ file, line, text, json }: PolicySource, findings: PolicyFinding[]): ParsedPolicy[] {
  const report = (rule: FindingRule, message: string) => findings.push(finding(rule, file, message, line));
  const { id, advice, ask: askText, obligation } = json.annotations ?? {};
  if (id === undefined || !idForm.test(id)) {
    report('missing-id', 'a policy has no @id in kebab case');
    return [];
  }
  if (!advice || advice.length > maxAdviceCharacters)
    report('missing-advice', `${id} has no @advice of 1 to ${maxAdviceCharacters} characters`);
  const { requirement: ask, problems }: ParsedAsk = askText === undefined ? { problems: [] } : parseAsk(askText);
  if (problems.length > 0) report('bad-ask', `${id} has an @ask that cannot be used: ${problems.join('; ')}`);
  else if (ask !== undefined && json.effect !== 'forbid') report('bad-ask', `${id} has an @ask, and is no forbid`);
  if (ask !== undefined && !/\bapproval\b/.test(text))
    report('ask-never-ends', `${id} asks, and does not look at context.approval`);
  const obligations = obligation === undefined ? [] : parseObligations(obligation);
  if (obligations === undefined || (obligations.length > 0 && json.effect !== 'permit'))
    report('bad-obligation', `${id} has an @obligation that cannot be used`);
  return [
    {
      id,
      file,
      line,
      text,
      effect: json.effect,
      advice: advice ?? '',
      action: json.action,
      obligations: obligations ?? [],
      ...(ask === undefined ? {} : { ask }),
    },
  ];
}
