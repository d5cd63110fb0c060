/** Host names, as URLs spell them, under which programs of this machine reach each other. */
export const loopbackNames: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export function isLoopback(hostname: string): boolean {
  return loopbackNames.includes(hostname);
}
