/** A page that has grown or shrunk beyond this is fetched as it would be shown now. */
const bounds = { fewest: 25, most: 100 };

/** The inbox changes row by row; it is fetched whole only where rows would have to come from another page. */
function followInbox() {
  const refreshSoon = createRefresher('inbox');
  keepStream({
    address: () => document.getElementById('inbox')?.dataset.stream,
    since: () => document.getElementById('inbox')?.dataset.since,
    onReturn: () => undefined,
    events: {
      reload: refreshSoon,
      news: (event) => {
        if (!showNews(JSON.parse(event.data))) refreshSoon();
      },
    },
  });
}

/** False: the page has to be fetched, since this alone does not make it right. */
function showNews({ rows, gone, bar, total, waiting }) {
  const inbox = document.getElementById('inbox');
  const list = document.getElementById('rows');
  showWaiting(waiting);
  if (list === null) return false;
  replaceBar(bar);
  const shownTotal = document.getElementById('inbox-total');
  if (shownTotal !== null) shownTotal.textContent = total;
  const { from, to } = inbox.dataset;
  for (const id of gone) removeRow(list, id);
  const fresh = new DOMParser().parseFromString(`<ul>${rows}</ul>`, 'text/html').querySelectorAll('li');
  let added = 0;
  for (const row of fresh) {
    const { order } = row.dataset;
    const shown = document.getElementById(row.id);
    if (shown === null && ((from !== '' && order < from) || (to !== '' && order > to))) continue;
    if (shown === null) added += 1;
    placeRow(list, document.importNode(row, true), shown);
  }
  tick();
  if (added > 0) announce(`${added === 1 ? 'One more approval waits' : `${added} more approvals wait`}; ${total} in this list.`);
  const count = list.children.length;
  const range = document.getElementById('inbox-range');
  if (range !== null) range.textContent = `${Number(range.dataset.preceding) + 1}–${Number(range.dataset.preceding) + count}`;
  return count > 0 && count <= bounds.most && (to === '' || count >= bounds.fewest);
}

function removeRow(list, id) {
  const row = document.getElementById(id);
  if (row?.parentElement !== list) return;
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const hadFocus = row.contains(document.activeElement);
  row.remove();
  if (hadFocus) (next?.querySelector('a') ?? document.getElementById('main')).focus();
}

function placeRow(list, row, shown) {
  if (shown !== null) {
    if (shown.dataset.key === row.dataset.key) return;
    const hadFocus = shown.contains(document.activeElement);
    shown.replaceWith(row);
    if (hadFocus) row.querySelector('a').focus();
    return;
  }
  row.classList.add('fresh');
  const after = Array.from(list.children).find((other) => other.dataset.order > row.dataset.order);
  list.insertBefore(row, after ?? null);
}

/** Whoever is filling in the form keeps it as it is; the numbers come with the next change. */
function replaceBar(markup) {
  const shown = document.getElementById('inbox-bar');
  const fresh = new DOMParser().parseFromString(markup, 'text/html').getElementById('inbox-bar');
  if (shown === null || fresh === null || shown.contains(document.activeElement)) return;
  const kept = document.importNode(fresh, true);
  for (const before of shown.querySelectorAll('input[id], select[id], details[id]')) {
    const after = kept.querySelector(`#${before.id}`);
    if (after instanceof HTMLDetailsElement) after.open = before.open;
    else if (after !== null) after.value = before.value;
  }
  shown.replaceWith(kept);
}
