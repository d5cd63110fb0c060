// Enrolling a passkey and signing an answer with one: the only two deeds that a page cannot do without script.
// The server chooses every challenge and checks every answer; nothing is decided here.

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.passkey === undefined || form.dataset.signed !== undefined) return;
  // another way to prove it, which needs no script
  if (event.submitter?.hasAttribute('formaction')) return;
  event.preventDefault();
  void attempt(form, () => (form.dataset.passkey === 'enrol' ? enrol(form) : answer(form, event.submitter)));
});

/** One attempt at a time; what went wrong is said in the form, and nothing was changed then. */
async function attempt(form, deed) {
  if (form.dataset.busy !== undefined) return;
  form.dataset.busy = '';
  say(form, '');
  try {
    await deed();
  } catch (error) {
    say(form, error.name === 'NotAllowedError' || error.name === 'InvalidStateError' ? form.dataset.refused : error.message);
  } finally {
    delete form.dataset.busy;
  }
}

async function enrol(form) {
  const { challengeId, publicKey } = await post(form, '/v1/passkeys/challenges');
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) },
      excludeCredentials: publicKey.excludeCredentials.map(credentialOf),
    },
  });
  await post(form, '/v1/passkeys', {
    challengeId,
    credentialId: text(made.rawId),
    clientDataJson: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports(),
  });
  location.reload();
}

async function answer(form, button) {
  const asked = { verdict: button.value, actionDigest: form.elements.actionDigest.value };
  const { challengeId, publicKey } = await post(form, form.dataset.challenges, withArguments(asked, form));
  const signed = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: publicKey.allowCredentials.map(credentialOf),
    },
  });
  form.elements.stepUp.value = JSON.stringify({
    challengeId,
    credentialId: text(signed.rawId),
    clientDataJson: text(signed.response.clientDataJSON),
    authenticatorData: text(signed.response.authenticatorData),
    signature: text(signed.response.signature),
  });
  form.dataset.signed = '';
  form.requestSubmit(button);
}

/** JSON text. Arguments go as they were written: whatever is not right about them is for the server to say. */
function withArguments(asked, form) {
  const text = JSON.stringify(asked);
  const args = form.elements.args?.value;
  return args === undefined ? text : `${text.slice(0, -1)},"args":${args}}`;
}

async function post(form, address, body) {
  const response = await fetch(address, {
    method: 'POST',
    redirect: 'error',
    headers: { 'x-csrf-token': form.elements.csrf.value, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const given = await response.json();
  if (!response.ok) throw new Error([given.title, ...brokenRules(given), given.hint].join(' '));
  return given;
}

function brokenRules({ errors = [] }) {
  return errors.map(({ path, rule }) => `${path} ${rule}.`);
}

function say(form, sentence) {
  const place = form.querySelector('[role="alert"]');
  place.textContent = sentence;
  place.hidden = sentence === '';
}

function credentialOf({ id, type, transports }) {
  return { id: bytes(id), type, transports };
}

function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
