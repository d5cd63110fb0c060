/** Beside the answers that are chosen: how many, and how much is approved in all. The server adds up the whole list itself. */
function followBatch(form) {
  const tally = document.getElementById('batch-tally');
  const button = document.getElementById('batch-button');
  if (tally === null || button === null) return;
  const show = () => {
    const chosen = { approve: [], reject: [] };
    for (const choice of form.querySelectorAll('input[type="radio"]:checked')) chosen[choice.value.split(' ')[0]]?.push(choice.closest('li'));
    const count = chosen.approve.length + chosen.reject.length;
    button.textContent = count === 0 ? 'Send your answers' : count === 1 ? 'Send 1 answer' : `Send ${count} answers`;
    tally.replaceChildren(...wordsFor(chosen));
  };
  form.addEventListener('change', show);
  // Enter in a choice would press the button: some browsers do so past a first button that is disabled.
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target.type === 'radio') event.preventDefault();
  });
  show();
}

function wordsFor({ approve, reject }) {
  if (approve.length + reject.length === 0) return ['Nothing is chosen yet.'];
  const words = [];
  if (approve.length > 0) words.push(strong(`Approve ${approve.length}`), ...sumWords(approve));
  if (reject.length > 0) words.push(words.length > 0 ? ' · ' : '', strong(`Reject ${reject.length}`));
  return words;
}

function sumWords(items) {
  const sums = new Map();
  for (const { dataset } of items) {
    if (dataset.amount === undefined) continue;
    const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(dataset.amount);
    const before = sums.get(dataset.currency) ?? { units: 0n, places: 0 };
    const places = Math.max(before.places, fraction.length === 1 ? 2 : fraction.length);
    sums.set(dataset.currency, { units: before.units + BigInt(`${sign}${whole}${fraction.padEnd(6, '0')}`), places });
  }
  return Array.from(sums, ([currency, { units, places }], index) => [index === 0 ? ', ' : ' and ', money(units, places), ` ${currency}`]).flat();
}

/** As the server writes it: groups of three with space between the elements. */
function money(units, places) {
  const digits = String(units < 0n ? -units : units).padStart(7, '0');
  const whole = digits.slice(0, -6);
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ' ').split(' ').map((group) => Object.assign(document.createElement('span'), { textContent: group }));
  const shown = document.createElement('span');
  shown.className = 'money';
  const grouped = document.createElement('span');
  grouped.className = 'groups';
  grouped.append(units < 0n ? '-' : '', ...groups);
  shown.append(grouped, places === 0 ? '' : `.${digits.slice(-6).slice(0, places)}`);
  return shown;
}

function strong(text) {
  return Object.assign(document.createElement('strong'), { textContent: text });
}

const batch = document.getElementById('batch');
if (batch !== null) followBatch(batch);
