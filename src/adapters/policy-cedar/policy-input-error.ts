/** A request that cannot be put before policy exactly as it is. Names the place and the rule, never the value. */
export class PolicyInputError extends Error {
  override readonly name = 'PolicyInputError';

  constructor(path: string, rule: string) {
    super(`${path === '' ? 'request' : path} ${rule}`);
  }
}
