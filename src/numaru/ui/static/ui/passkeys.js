// Passkeys: a form with data-passkey="get" or "create" asks the browser for a credential, puts it into its field and is sent.
// The options stand in a data block of the page (data-options names its id) or are fetched when the button is pressed (data-from).
// Where a browser has no passkeys the form stays hidden; the other ways in need no script.

function bytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function text(buffer) {
  let plain = '';
  for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function readable(options) {
  const key = structuredClone(options.publicKey);
  key.challenge = bytes(key.challenge);
  if (key.user) key.user.id = bytes(key.user.id);
  for (const list of [key.allowCredentials, key.excludeCredentials]) for (const one of list ?? []) one.id = bytes(one.id);
  return { publicKey: key };
}

function sendable(credential) {
  const answer = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[name]) answer[name] = text(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: answer,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function options(form) {
  if (form.dataset.options) return JSON.parse(document.getElementById(form.dataset.options).textContent);
  const answer = await fetch(form.dataset.from, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).options;
}

async function prove(form) {
  const failed = form.querySelector('[data-failed]');
  const button = form.querySelector('button');
  failed.hidden = true;
  button.disabled = true;
  try {
    const asked = readable(await options(form));
    const found = await navigator.credentials[form.dataset.passkey](asked);
    form.elements.credential.value = sendable(found);
    form.submit();
  } catch {
    failed.hidden = false; // closed by the person, timed out, or no key fits: the browser tells these apart for nobody
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll('form[data-passkey]')) {
    form.hidden = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      prove(form);
    });
  }
} else {
  for (const words of document.querySelectorAll('[data-no-passkeys]')) words.hidden = false;
}
