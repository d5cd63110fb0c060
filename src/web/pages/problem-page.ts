import type { ErrorCode } from '../../domain/error-registry.ts';
import { html, type Markup } from '../markup.ts';
import { refusalWords } from '../refusal-words.ts';

/** What happened, why, and what to do next. */
export function problemPage(code: ErrorCode): Markup {
  const { title, text } = refusalWords(code);
  return html`<div class="problem card section">
<h1>${title}</h1>
<p>${text}</p>
<p class="small muted">Code: <code>${code}</code></p>
<p><a class="button" href="/approvals">To the inbox</a></p>
</div>`;
}
