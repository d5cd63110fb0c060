import type { z } from 'zod';
import type { FieldError } from '../domain/countersign-error.ts';
import { parseYaml } from './parse-yaml.ts';
import { fileProblem } from './source-files.ts';

const maxProblemsOfAFile = 50;

/** The file's content by its schema, or undefined after every field that is wrong was added to `problems`. */
export function parseReviewedFile<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
  problems: FieldError[],
): z.infer<Schema> | undefined {
  const parsed = parseYaml(text);
  if (!('value' in parsed)) {
    problems.push(...parsed.rules.map((rule) => fileProblem(file, '', rule)));
    return undefined;
  }
  const result = schema.safeParse(parsed.value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, maxProblemsOfAFile);
  problems.push(...issues.map((issue) => fileProblem(file, issue.path.join('/'), ruleOf(issue))));
  return undefined;
}

/** Zod's own words, except where they would repeat what somebody wrote. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys')
    return `must not have ${issue.keys.map((key) => `\`${key.slice(0, 64)}\``).join(', ')}`;
  if (issue.code === 'invalid_format' && 'pattern' in issue) return `must match ${issue.pattern}`;
  return issue.message;
}
