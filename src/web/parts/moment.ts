import { html, type Markup } from '../markup.ts';
import { absoluteText, clockText, dayText, relativeText, spanText } from '../time-text.ts';

/** A time as people say it, with the exact one as its title. The script keeps it current. */
export function moment(at: string, now: number): Markup {
  return html`<time datetime="${at}" title="${absoluteText(at)}" data-relative>${relativeText(at, now)}</time>`;
}

/** What is left until `at`: `2 h 05 min left`, or that it is over. */
export function timeLeft(at: string, now: number): Markup {
  const left = Date.parse(at) - now;
  const text = left > 0 ? `${spanText(left)} left` : 'time is up';
  return html`<time datetime="${at}" title="${absoluteText(at)}" data-left>${text}</time>`;
}

/** The time of day, for lists within one run. */
export function clockTime(at: string): Markup {
  return html`<time class="clock" datetime="${at}" title="${absoluteText(at)}">${clockText(at)}</time>`;
}

/** An end that somebody plans by: in UTC, and with script where he is. */
export function localTime(at: string): Markup {
  return html`<time datetime="${at}" title="${absoluteText(at)}" data-local>${dayText(at)}</time>`;
}

/** The day and the time of day, for an end that is days away. */
export function dayTime(at: string): Markup {
  return html`<time datetime="${at}" title="${absoluteText(at)}">${dayText(at)}</time>`;
}
