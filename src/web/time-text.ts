const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** `45 s`, `12 min`, `3 h 05 min`, `2 d 4 h`: a span of milliseconds in at most two units, rounded down. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < minute) return `${seconds} s`;
  if (seconds < hour) return `${Math.floor(seconds / minute)} min`;
  if (seconds < day)
    return `${Math.floor(seconds / hour)} h ${String(Math.floor((seconds % hour) / minute)).padStart(2, '0')} min`;
  return `${Math.floor(seconds / day)} d ${Math.floor((seconds % day) / hour)} h`;
}

/** `12 min ago`, `in 3 h 05 min`, `just now`. `at` is ISO 8601, `now` milliseconds since the epoch. */
export function relativeText(at: string, now: number): string {
  const ahead = Date.parse(at) - now;
  if (Math.abs(ahead) < 5_000) return 'just now';
  return ahead > 0 ? `in ${spanText(ahead)}` : `${spanText(-ahead)} ago`;
}

/** `2026-07-10 14:03:22 UTC`; the text itself where it is no date. */
export function absoluteText(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `14:03:22`, UTC. */
export function clockText(at: string): string {
  return absoluteText(at).slice(11, 19);
}

const dayForm = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** `3 December 2026, 18:00 UTC`; the text itself where it is no date. */
export function dayText(at: string): string {
  const time = Date.parse(at);
  return Number.isNaN(time) ? at : `${dayForm.format(time)}, ${absoluteText(at).slice(11, 16)} UTC`;
}
