/** As the server writes it, where the reader is. */
const localFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short',
});

function tick() {
  const now = Date.now();
  for (const element of document.querySelectorAll('time[data-relative]')) show(element, relativeText(Date.parse(element.dateTime) - now));
  for (const element of document.querySelectorAll('time[data-local]')) showLocal(element);
  for (const element of document.querySelectorAll('time[data-left]')) {
    const left = Date.parse(element.dateTime) - now;
    show(element, left > 0 ? `${spanText(left)} left` : 'time is up');
    showPressing(element, left);
    if (left > 0 || element.dataset.over !== undefined) continue;
    element.dataset.over = '';
    const part = element.closest('[data-fragment]');
    if (part !== null) setTimeout(() => void refresh(part.id), 1_500);
  }
}

function showLocal(element) {
  const at = Date.parse(element.dateTime);
  if (!Number.isNaN(at)) show(element, localFormat.format(at).replace(' at ', ', '));
}

function show(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** As the server marks a row when it renders it. */
function showPressing(element, left) {
  const row = element.closest('.row');
  if (row === null) return;
  row.classList.toggle('urgent', left < 600_000);
  row.classList.toggle('soon', left >= 600_000 && left < 3_600_000);
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

for (const part of document.querySelectorAll('[data-live]')) followPart(part.id);
if (document.getElementById('inbox') !== null) followInbox();
setInterval(tick, 1_000);
