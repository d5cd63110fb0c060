/** What is known of one error. */
export interface ErrorRow {
  /** A sentence without personal content. */
  readonly title: string;
  /** True: the same attempt may succeed later, so Temporal retries it. */
  readonly retryable: boolean;
  readonly status: number;
  readonly hint: string;
}

export const row = (status: number, title: string, hint: string): ErrorRow => ({
  title,
  retryable: false,
  status,
  hint,
});

/** It may be gone at the next try. */
export const passing = (status: number, title: string, hint: string): ErrorRow => ({
  title,
  retryable: true,
  status,
  hint,
});
