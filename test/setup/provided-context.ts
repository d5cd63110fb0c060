/** What the global set-up tells every test of the `server` project: `inject('temporal')`. */
export interface ProvidedTemporal {
  /** `host:port` of the one Temporal server of this test run. */
  readonly address: string;
  readonly namespace: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    temporal: ProvidedTemporal;
  }
}
