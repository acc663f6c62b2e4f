// Parts that follow the world. An element with data-live="billing.run:12" is told by an "nm:live" event when run 12 changed, and
// fetches itself (hx-get, hx-trigger="nm:live"). One stream a visible page; a hidden page holds none, so many tabs do not use up the
// browser's connections. When the stream is down, parts are refreshed every three seconds until it is back.

const POLL = 3000;
const LONGEST = 30000;
let source = null;
let wait = 1000;
let polling = 0;
let retry = 0;
let asleep = false;

const parts = () => document.querySelectorAll('[data-live]');

function tell(part) {
  part.dispatchEvent(new CustomEvent('nm:live', { bubbles: false }));
}

function tellAll() {
  for (const part of parts()) tell(part);
}

function heard(message) {
  let said;
  try { said = JSON.parse(message.data); } catch { return; }
  if (said.k === '*') { tellAll(); return; } // after a gap anything may have changed
  const name = `${said.k}:${said.id}`;
  for (const part of parts()) {
    const wanted = part.dataset.live.split(/\s+/);
    if (wanted.includes(name) || wanted.includes(`${said.k}:*`)) tell(part);
  }
}

function poll(on) {
  if (on && !polling) polling = setInterval(tellAll, POLL);
  if (!on && polling) { clearInterval(polling); polling = 0; }
  document.documentElement.toggleAttribute('data-live-polling', on);
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = null;
}

function open() {
  if (source || document.hidden || !parts().length) return;
  clearTimeout(retry);
  let missed = asleep || polling > 0;
  source = new EventSource('/events');
  source.onopen = () => {
    wait = 1000;
    poll(false);
    if (missed) tellAll();
    missed = true; // whatever happens before the next opening was not heard
    asleep = false;
  };
  source.onmessage = heard;
  source.onerror = () => {
    close();
    poll(true);
    retry = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST);
  };
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) { asleep = true; close(); poll(false); } else open();
});
addEventListener('pagehide', close);
addEventListener('pageshow', (event) => { if (event.persisted) { asleep = true; open(); } });
document.addEventListener('htmx:after:swap', open);
open();
