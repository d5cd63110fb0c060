// Everything works without these scripts. They keep times current, and show what the server says has changed:
// a fresh part of the page, or a single row, rendered by the server.

const eventNames = [
  'run-started', 'mandate-frozen', 'model-called', 'action-decided', 'approval-opened', 'verdict-given',
  'approval-closed', 'effect-landed', 'effect-in-doubt', 'run-closed', 'changed',
];

/** Fetches a part again, soon; one request at a time: what happens meanwhile is fetched by the next one. */
function createRefresher(id) {
  let waiting = false;
  let again = false;
  const now = async () => {
    again = false;
    await refresh(id);
    waiting = false;
    if (again) soon();
  };
  const soon = () => {
    again = true;
    if (waiting) return;
    waiting = true;
    setTimeout(() => void now(), 200);
  };
  return soon;
}

/** A part that is fetched whole whenever something happened to what it shows. */
function followPart(id) {
  const refreshSoon = createRefresher(id);
  keepStream({
    address: () => document.getElementById(id)?.dataset.live,
    since: () => document.getElementById(id)?.dataset.since,
    onReturn: refreshSoon,
    events: Object.fromEntries(eventNames.map((name) => [name, refreshSoon])),
  });
}

async function refresh(id) {
  const shown = document.getElementById(id);
  if (shown === null) return;
  const address = new URL(shown.dataset.fragment, location.href);
  address.searchParams.set('seen', shown.dataset.key);
  let response;
  try {
    response = await fetch(address, { redirect: 'error' });
  } catch {
    return; // the stream connects again by itself, and then this is tried again
  }
  if (response.status === 401) return signedOut();
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById(id);
  if (fresh !== null && fresh.dataset.key !== shown.dataset.key) replacePart(shown, document.importNode(fresh, true));
}

/** What the reader opened, typed, chose or focused stays as it was. */
function replacePart(shown, fresh) {
  const place = shown.contains(document.activeElement) ? placeOf(document.activeElement) : '';
  const known = new Set(Array.from(shown.querySelectorAll('[id]'), (element) => element.id));
  for (const element of fresh.querySelectorAll('[id]')) {
    const before = known.has(element.id) ? document.getElementById(element.id) : null;
    if (element instanceof HTMLDetailsElement && before?.open) element.open = true;
    if (/^(TEXTAREA|INPUT|SELECT)$/.test(element.tagName) && before !== null) element.value = before.value;
    if (element.tagName === 'LI' && before === null) element.classList.add('fresh');
  }
  shown.replaceWith(fresh);
  if (place !== '') document.querySelector(place)?.focus();
  if (fresh.dataset.waiting !== undefined) showWaiting(fresh.dataset.waiting);
  tick();
  announce(fresh.dataset.say ?? '');
}

/** An element by its own name, or a link by the row that it is in. */
function placeOf(element) {
  if (element.id !== '') return `[id="${element.id}"]`;
  const row = element.closest('li[id]');
  return row === null ? '' : `[id="${row.id}"] a`;
}

function showWaiting(waiting) {
  const count = document.getElementById('waiting');
  if (count === null) return;
  count.hidden = String(waiting) === '0';
  count.firstChild.textContent = waiting;
}

function announce(text) {
  if (text !== '') document.getElementById('announcements').textContent = text;
}
