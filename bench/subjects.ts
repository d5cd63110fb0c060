import type { BenchSubject } from './bench-subject.ts';
import { createGovernedSubject } from './governed/governed-subject.ts';
import { createPlainSubject } from './plain/plain-subject.ts';

/** Who is measured; the first is the baseline of all others. */
export function benchSubjects(): readonly BenchSubject[] {
  return [createPlainSubject(), createGovernedSubject()];
}
