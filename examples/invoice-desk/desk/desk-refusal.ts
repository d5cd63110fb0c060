/** The desk's own "no": becomes a tool result with `isError`, so its text must be fit for a model to read. */
export class DeskRefusal extends Error {
  override readonly name = 'DeskRefusal';
}
