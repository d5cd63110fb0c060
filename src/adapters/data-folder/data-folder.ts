/** What the owner of a data folder says of itself; the lock decides, this only informs. */
export interface OwnerInfo {
  readonly pid: number;
  /** Where it can be reached; undefined while it is still starting. */
  readonly url: string | undefined;
}

/** A data folder that this process alone has open. */
export interface DataFolder {
  /** Absolute, symbolic links resolved. */
  readonly path: string;
  readonly ownerInfo: OwnerInfo;
  /** Tells the next process that is refused where to go instead. */
  announce(url: string): Promise<void>;
  /** Gives the folder back. A process that dies gives it back, too, however it dies. */
  release(): Promise<void>;
}
