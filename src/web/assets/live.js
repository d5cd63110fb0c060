// Everything works without this script. It keeps times current, and fetches a fresh part of the page,
// rendered by the server, when the server says that something changed.

const eventNames = [
  'run-started', 'mandate-frozen', 'model-called', 'action-decided', 'approval-opened', 'verdict-given',
  'approval-closed', 'effect-landed', 'effect-in-doubt', 'run-closed', 'changed',
];

for (const part of document.querySelectorAll('[data-live]')) follow(part.id);
setInterval(tick, 1_000);

/** A hidden page lets its connection go: a browser has only a few for one site. */
function follow(id) {
  let source;
  let waiting = false;
  let again = false;
  // One request at a time: what happens meanwhile is fetched by the next one.
  const refreshSoon = () => {
    again = true;
    if (waiting) return;
    waiting = true;
    setTimeout(() => void refreshNow(), 200);
  };
  const refreshNow = async () => {
    again = false;
    await refresh(id);
    waiting = false;
    if (again) refreshSoon();
  };
  const open = () => {
    const address = document.getElementById(id)?.dataset.live;
    if (source !== undefined || address === undefined) return;
    source = new EventSource(address);
    for (const name of eventNames) source.addEventListener(name, refreshSoon);
    source.addEventListener('run-closed', close);
  };
  const close = () => {
    source?.close();
    source = undefined;
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return close();
    open();
    refreshSoon();
  });
  addEventListener('pagehide', close);
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    open();
    refreshSoon();
  });
  if (!document.hidden) open();
}

async function refresh(id) {
  const shown = document.getElementById(id);
  if (shown === null) return;
  const query = new URLSearchParams({ seen: shown.dataset.key });
  let response;
  try {
    response = await fetch(`${shown.dataset.fragment}?${query}`, { redirect: 'error' });
  } catch {
    return; // the stream connects again by itself, and then this is tried again
  }
  if (response.status === 401) return announce('You are signed out. Reload the page to sign in again.');
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById(id);
  if (fresh !== null && fresh.dataset.key !== shown.dataset.key) replacePart(shown, document.importNode(fresh, true));
}

/** What the reader opened, typed or focused stays as it was. */
function replacePart(shown, fresh) {
  const focused = shown.contains(document.activeElement) ? document.activeElement.id : '';
  const known = new Set(Array.from(shown.querySelectorAll('[id]'), (element) => element.id));
  for (const element of fresh.querySelectorAll('[id]')) {
    const before = known.has(element.id) ? document.getElementById(element.id) : null;
    if (element instanceof HTMLDetailsElement && before?.open) element.open = true;
    if (element instanceof HTMLTextAreaElement && before !== null) element.value = before.value;
    if (element.tagName === 'LI' && before === null) element.classList.add('fresh');
  }
  shown.replaceWith(fresh);
  if (focused !== '') document.getElementById(focused)?.focus();
  const count = document.getElementById('waiting');
  if (count !== null && fresh.dataset.waiting !== undefined) {
    count.hidden = fresh.dataset.waiting === '0';
    count.firstChild.textContent = fresh.dataset.waiting;
  }
  tick();
  announce(fresh.dataset.say ?? '');
}

function announce(text) {
  if (text !== '') document.getElementById('announcements').textContent = text;
}

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll('time[data-relative]')) show(element, relativeText(Date.parse(element.dateTime) - now));
  for (const element of document.querySelectorAll('time[data-left]')) {
    const left = Date.parse(element.dateTime) - now;
    show(element, left > 0 ? `${spanText(left)} left` : 'time is up');
    if (left > 0 || element.dataset.over !== undefined) continue;
    element.dataset.over = '';
    const part = element.closest('[data-fragment]');
    if (part !== null) setTimeout(() => void refresh(part.id), 1_500);
  }
}

function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function relativeText(ahead) {
  if (Math.abs(ahead) < 5_000) return 'just now';
  return ahead > 0 ? `in ${spanText(ahead)}` : `${spanText(-ahead)} ago`;
}

/** As the server writes it: at most two units, rounded down. */
function spanText(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
