/** What `countersign` ends with. Scripts rely on them: the first six are fixed by the external contract. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** Policy, or the rules of approval, said no. */
  denied: 3,
  /** Ended before its time, because a person has to answer first. */
  waiting: 4,
  /** EX_CONFIG of sysexits.h. */
  configuration: 78,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
