// Subscribing a browser to pushes, on the page of one's own data. Without it the list of devices and ending them still work.

const place = document.getElementById('push-here');
const button = place?.querySelector('button');
const say = (which) => place.querySelectorAll('[data-when]').forEach((one) => { one.hidden = one.dataset.when !== which; });
const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const coded = (raw) => btoa(String.fromCharCode(...new Uint8Array(raw))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

async function keep(subscription) {
  const body = new URLSearchParams({
    endpoint: subscription.endpoint, p256dh: coded(subscription.getKey('p256dh')), auth: coded(subscription.getKey('auth')), version: place.dataset.version,
  });
  const token = place.querySelector('[name=csrfmiddlewaretoken]').value;
  const answer = await fetch(place.dataset.address, { method: 'POST', body, headers: { 'X-CSRFToken': token }, credentials: 'same-origin' });
  if (!answer.ok) { await subscription.unsubscribe(); throw new Error(String(answer.status)); }
  return (await answer.json()).next;
}

async function turnOn() {
  button.disabled = true;
  try {
    if (await Notification.requestPermission() !== 'granted') { say('denied'); return; }
    const worker = await navigator.serviceWorker.register('/my/worker.js', { scope: '/my/' });
    await navigator.serviceWorker.ready.catch(() => worker);
    const wanted = bytes(place.dataset.key);
    let found = await worker.pushManager.getSubscription();
    if (found && coded(found.options.applicationServerKey) !== coded(wanted)) { await found.unsubscribe(); found = null; } // the house's key was renewed
    found ??= await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: wanted });
    const next = new URL(await keep(found), location.href);
    if (next.pathname + next.search === location.pathname + location.search) location.reload();
    else location.assign(next);
  } catch { say('failed'); } finally { button.disabled = false; }
}

if (place) {
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) say('unable');
  else if (Notification.permission === 'denied') say('denied');
  else { say('ready'); button.addEventListener('click', turnOn); }
}
