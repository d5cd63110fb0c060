/** What configuration says about where a Temporal server may come from. */
export interface TemporalSettings {
  /** `TEMPORAL_ADDRESS`, as `host:port`: a server that is already there and stays when we go. */
  readonly address: string | undefined;
  /** `PATH`. */
  readonly searchPath: string;
  /** The user's cache for Countersign, see `userCacheFolder`. */
  readonly cacheFolder: string;
  /** The environment that a Go build inherits; it needs HOME and the proxy settings. */
  readonly childEnvironment: Readonly<Record<string, string | undefined>>;
}

/** Says what is happening, a sentence at a time; it may take minutes. */
export type Progress = (sentence: string) => void;

export type TemporalOrigin = 'path' | 'cache' | 'download' | 'go-install';

export type FoundTemporal =
  | { readonly kind: 'running'; readonly address: string }
  | { readonly kind: 'binary'; readonly file: string; readonly origin: TemporalOrigin };
