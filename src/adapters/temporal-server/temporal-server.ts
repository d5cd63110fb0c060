/** A Temporal server that runs and knows our namespace and search attributes. */
export interface TemporalServer {
  /** `host:port` of the gRPC frontend. */
  readonly address: string;
  readonly namespace: string;
  /** The web UI; undefined for a server that is not ours. */
  readonly uiUrl: string | undefined;
  /** The process, if it is ours to end. */
  readonly pid: number | undefined;
  /** Settles when our server has ended, whoever ended it; never for a server that is not ours. */
  readonly whenEnded: Promise<void>;
  /** Ends our server gracefully and waits until it is gone; leaves a server that is not ours alone. */
  stop(): Promise<void>;
}
