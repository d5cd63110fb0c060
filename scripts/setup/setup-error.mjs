/** A set-up that cannot go on; `remedy` says what the person at the keyboard can do. */
export class SetupError extends Error {
  constructor(message, remedy) {
    super(message);
    this.name = 'SetupError';
    this.remedy = remedy;
  }
}
