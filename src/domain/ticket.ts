/** The API's admission of a run. Without a valid one there is no model call and no effect, whoever started the workflow. */
export interface Ticket {
  readonly v: 1;
  readonly tenant: string;
  readonly runId: string;
  readonly agent: string;
  readonly agentVersion: number;
  /** Digest of agent.yaml, prompt and the manifests of its tools. */
  readonly manifestDigest: string;
  /** Blob reference of `{task, inputs}`; content-bound, so it stands for the task's digest. */
  readonly taskRef: string;
  /** `principal`: the person's own words. `data`: sent by a service that may not speak for its principal. */
  readonly taskAuthority: 'principal' | 'data';
  /** Subject of who asked for the run. */
  readonly initiator: string;
  readonly initiatorKind: 'person' | 'service';
  readonly issuedAt: string;
}

export interface SignedTicket {
  readonly ticket: Ticket;
  readonly keyId: string;
  /** Ed25519 over the RFC 8785 form of `ticket`, base64url. */
  readonly signature: string;
}
