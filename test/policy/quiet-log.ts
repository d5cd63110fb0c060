/** Keeps what was logged, by message. */
export function quietLog() {
  const messages: string[] = [];
  const note = (_facts: object, message: string): void => {
    messages.push(message);
  };
  return { messages, info: note, warn: note };
}
