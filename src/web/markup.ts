import { html } from 'hono/html';

export { html };

/** Escaped HTML. Only strings, numbers and other markup are ever put into a template: data is never marked as safe. */
export type Markup = ReturnType<typeof html>;

export const nothing: Markup = html``;
