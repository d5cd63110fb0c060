import {
  codePointsOf,
  readCharacters,
  type TextPart,
  type UnusualKind,
  unusualCharacters,
} from '../../domain/unusual-characters.ts';
import { html, type Markup, nothing } from '../markup.ts';

type Unusual = Extract<TextPart, { kind: 'unusual' }>;

/** More elements than this make a page slow; beyond it marks are written in brackets, still all of them. */
const markLimit = 1_000;

const kindWords: Record<UnusualKind, string> = {
  'lone-surrogate': 'half a character',
  bidi: 'changes the direction of the text',
  tag: 'invisible tag',
  'variation-selector': 'invisible variation selector',
  'zero-width': 'invisible, zero width',
  filler: 'invisible filler',
  control: 'control character',
  format: 'invisible format character',
  'private-use': 'private use, no agreed meaning',
  unassigned: 'unassigned in Unicode',
  space: 'unusual space',
  lookalike: 'looks like another letter',
  'mixed-script': 'letter of another script',
  digit: 'digit of another script',
  compatibility: 'variant form',
  combining: 'combining mark',
};

const visibleKinds: ReadonlySet<UnusualKind> = new Set(['lookalike', 'mixed-script', 'digit', 'compatibility']);

/** A text in which nothing can hide: ordinary characters as they are, every other one marked with what it is. */
export function shownText(text: string): Markup {
  const parts = readCharacters(text);
  const children = parts.length > markLimit ? [parts.map(inBrackets).join('')] : parts.map(shownPart);
  return html`<bdi class="exact" dir="ltr">${children}</bdi>`;
}

/** The same text both ways, for a value that holds unusual characters; nothing for one that does not. */
export function bothWays(text: string): Markup {
  const unusual = unusualCharacters(text);
  if (unusual.length === 0) return nothing;
  const kinds = [...new Map(unusual.map((part) => [`${part.text} ${part.why}`, part])).values()].slice(0, 12);
  const rest = new Set(unusual.map((part) => part.text)).size - kinds.length;
  return html`<div class="odd-note">
    <p><strong>${unusual.length === 1 ? '1 unusual character' : `${unusual.length} unusual characters`}</strong> in this value.
      It may look like something else.</p>
    <dl>
      <div><dt>As it looks</dt><dd><bdi class="as-it-looks">${withoutLoneSurrogates(text.slice(0, 400))}</bdi>${text.length > 400 ? ' (beginning)' : ''}</dd></div>
      <div><dt>What it is</dt><dd><ul>${kinds.map(explained)}${rest > 0 ? html`<li>and ${rest} others, marked in the value</li>` : nothing}</ul></dd></div>
    </dl>
  </div>`;
}

function shownPart(part: TextPart): Markup | string {
  if (part.kind === 'plain') return part.text;
  if (part.kind === 'break') return html`<span class="break" aria-hidden="true">↵</span>${'\n'}`;
  return html`<mark class="odd" title="${titleOf(part)}">${visibleKinds.has(part.why) ? html`<bdi>${part.text}</bdi>` : nothing}<code>${codePointsOf(part.text)}</code></mark>`;
}

function inBrackets(part: TextPart): string {
  return part.kind === 'unusual' ? `⟦${codePointsOf(part.text)}⟧` : part.text;
}

function explained(part: Unusual): Markup {
  const looks = part.looksLike === undefined ? '' : `, passes for “${part.looksLike}”`;
  return html`<li><code>${codePointsOf(part.text)}</code> ${kindWords[part.why]}${looks}</li>`;
}

function titleOf(part: Unusual): string {
  return `${codePointsOf(part.text)}: ${kindWords[part.why]}${part.looksLike === undefined ? '' : `, passes for “${part.looksLike}”`}`;
}

function withoutLoneSurrogates(text: string): string {
  return text.toWellFormed();
}
