interface Answer {
  readonly approver: string;
  /** Whose right was used, where it was not his own. */
  readonly delegation?: { readonly from: string };
}

/** Whose right an answer used: his own, or that of who lent it. */
export function authorityOf({ approver, delegation }: Answer): string {
  return delegation?.from ?? approver;
}

/**
 * How many rights answered, each in the hands of somebody else: the largest number of pairs of a person and a right that
 * he used. One right counts once, whoever used it, and so does one person, however many rights he used.
 */
export function countedRights(answers: readonly Answer[]): number {
  const rightsOf = new Map<string, Set<string>>();
  for (const answer of answers) {
    const rights = rightsOf.get(answer.approver) ?? new Set();
    rightsOf.set(answer.approver, rights.add(authorityOf(answer)));
  }
  const holders = new Map<string, string>();
  const findsRight = (person: string, tried: Set<string>): boolean => {
    for (const right of rightsOf.get(person) ?? []) {
      if (tried.has(right)) continue;
      tried.add(right);
      const holder = holders.get(right);
      if (holder !== undefined && !findsRight(holder, tried)) continue;
      holders.set(right, person);
      return true;
    }
    return false;
  };
  return [...rightsOf.keys()].filter((person) => findsRight(person, new Set())).length;
}
