// Before a session ends for want of use it says so and offers to stay; after it has ended nothing that was typed is lost.
// The other windows of this browser are told when one of them was used.

const box = document.getElementById('session');
const korean = document.documentElement.lang === 'ko';
const told = 'BroadcastChannel' in window ? new BroadcastChannel(`nm-session-${box?.dataset.stay}`) : null;
let ends = 0; // on performance's clock, which no change of the machine's time moves
let warn = 0;

function until(left) {
  ends = performance.now() + left * 1000;
  warn = Math.min(120, left / 2) * 1000;
}

function written(seconds) {
  const [m, s] = [Math.floor(seconds / 60), seconds % 60];
  if (korean) return m ? `${m}분 ${s}초` : `${s}초`;
  return m ? `${m} min ${s} s` : `${s} s`;
}

function show(state) { // soon | fixed | over
  for (const one of box.querySelectorAll('[data-soon]')) one.hidden = state === 'over';
  for (const one of box.querySelectorAll('[data-over]')) one.hidden = state !== 'over';
  box.querySelector('[data-fixed]').hidden = state !== 'fixed';
  box.dataset.state = state;
  box.querySelector('[data-go]').classList.toggle('btn-primary', state !== 'over');
  if (!box.open) box.showModal();
  box.querySelector(state === 'over' ? 'a' : '[data-go]').focus();
}

function tick() {
  const left = ends - performance.now();
  if (left > warn) { if (box.open) box.close(); return; }
  if (left <= 0) { if (box.dataset.state !== 'over' || !box.open) show('over'); return; }
  if (!box.open && box.dataset.state !== 'fixed') show('soon');
  box.querySelector('[data-count]').textContent = written(Math.ceil(left / 1000));
}

async function stay() {
  const answer = await fetch(box.dataset.stay, { redirect: 'error', headers: { Accept: 'application/json' } }).catch(() => null);
  if (!answer?.ok) { if (performance.now() >= ends) show('over'); return; }
  const { left, token } = await answer.json();
  if (token) for (const field of document.querySelectorAll('input[name=csrfmiddlewaretoken]')) field.value = token;
  if (left * 1000 > warn) { until(left); told?.postMessage(left); box.close(); delete box.dataset.state; } else { ends = performance.now() + left * 1000; show('fixed'); }
}

if (box) {
  const full = Number(box.dataset.left);
  until(full);
  told?.postMessage(full);
  told?.addEventListener('message', (event) => { until(event.data); tick(); });
  box.querySelector('[data-go]').addEventListener('click', () => {
    if (box.dataset.state === 'fixed') box.close(); else stay();
  });
  box.querySelector('a').addEventListener('click', () => {
    box.querySelector('a').classList.remove('btn-primary');
    box.querySelector('[data-go]').classList.add('btn-primary');
    box.querySelector('[data-go]').focus();
  });
  document.addEventListener('htmx:after:request', (event) => { // a part was fetched: the session was used
    if (event.detail?.ctx?.response?.status === 200 && box.dataset.state !== 'over') { until(full); told?.postMessage(full); }
  });
  document.addEventListener('htmx:before:response', (event) => { // a part was refused: the session is over, and nothing typed is thrown away
    const away = event.detail?.ctx?.response?.headers?.get('HX-Redirect');
    if (!away || new URL(away, location.href).pathname !== box.dataset.door) return;
    event.preventDefault();
    ends = performance.now();
    show('over');
  });
  box.addEventListener('cancel', (event) => event.preventDefault());
  setInterval(tick, 1000);
  tick();
}
