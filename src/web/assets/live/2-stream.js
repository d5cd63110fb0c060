/** So long may a lost connection look for the server before the page says that it is not current. */
const lostAfterMs = 4_000;

/**
 * A stream of the server, for as long as the page is seen: a browser has only a few connections for one site.
 * It goes on after the last event that was seen; where the server has gone or the session has ended, the page says so.
 */
function keepStream({ address, since, events, onReturn }) {
  let source;
  let seen;
  let lost;
  const open = () => {
    const path = address();
    if (source !== undefined || path === undefined) return;
    const url = new URL(path, location.href);
    const from = seen ?? since();
    if (from !== undefined) url.searchParams.set('since', from);
    source = new EventSource(url);
    for (const [name, handle] of Object.entries(events)) source.addEventListener(name, (event) => {
      if (event.lastEventId !== '') seen = event.lastEventId;
      handle(event);
    });
    source.addEventListener('run-closed', close);
    source.addEventListener('open', () => {
      clearTimeout(lost);
      lost = undefined;
      showConnection('');
    });
    source.addEventListener('error', () => {
      if (address() === undefined) return close();
      // A connection that lives is renewed at once, and nobody needs to know.
      if (source?.readyState === EventSource.CLOSED) return void whyClosed();
      lost ??= setTimeout(() => showConnection('The server does not answer. What you see may be out of date.'), lostAfterMs);
    });
  };
  const close = () => {
    clearTimeout(lost);
    lost = undefined;
    source?.close();
    source = undefined;
  };
  /** The browser does not connect again after an answer that is no stream: the session ended, or there is nothing to follow. */
  const whyClosed = async () => {
    const url = source?.url;
    close();
    if (url === undefined) return;
    const answer = await fetch(url, { method: 'HEAD', redirect: 'error' }).catch(() => undefined);
    if (answer?.status === 401) return signedOut();
    if (answer?.status === 204) return;
    showConnection('This page is no longer kept current. Reload it.');
  };
  const comeBack = () => {
    open();
    onReturn();
  };
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : comeBack()));
  addEventListener('pagehide', close);
  addEventListener('pageshow', (event) => {
    if (event.persisted) comeBack();
  });
  if (!document.hidden) open();
}

function signedOut() {
  showConnection('You are signed out. Reload the page to sign in again.');
}

function showConnection(text) {
  const line = document.getElementById('connection');
  if (line.textContent === text) return;
  line.textContent = text;
  line.hidden = text === '';
  announce(text);
}
