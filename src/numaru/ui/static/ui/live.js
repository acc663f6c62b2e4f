// Parts that follow the world. An element with data-live="billing.run:12" is told by an "nm:live" event when run 12 changed, and
// fetches itself (hx-get, hx-trigger="nm:live"). One stream a visible page; a hidden page holds none, so many tabs do not use up the
// browser's connections. When the stream is down, parts are refreshed every three seconds until it is back.
//
// What a person is doing in a part comes first: while they type or compose in it, have typed something that is not sent, have text
// selected or a menu or dialog of it open, the part waits, says so, and takes the newest answer afterwards. Whatever a swap does, the
// focus, chosen rows, the row under the keyboard and sideways scrolling stay where they are, told by what they mean and not by position.
// (Rows that arrive are put above a "new" line by the list itself.)

const POLL = 3000;
const LONGEST = 30000;
const TOLD_AFTER = 2000; // a part that waits longer than this says so
const SAY_EVERY = 10000; // progress is read aloud at most this often
let source = null;
let wait = 1000;
let polling = 0;
let retry = 0;
let asleep = false;

const parts = () => document.querySelectorAll('[data-live]');

// ── A part in use waits ──────────────────────────────────────────────────────────────────────────────────────────────────────────
const FIELD = 'textarea, select, [contenteditable]:not([contenteditable=false]), input:not([type=hidden], [type=checkbox], [type=radio], [type=button], [type=submit], [type=search])';
const waiting = new Map(); // part → since when
let look = 0;

function unsent(field) {
  if (field.disabled || field.name === 'csrfmiddlewaretoken' || !field.name || field.name === 'row') return false;
  if (field instanceof HTMLSelectElement) {
    if (field.multiple) return [...field.options].some((one) => one.selected !== one.defaultSelected);
    return field.selectedIndex > -1 && field.selectedIndex !== Math.max(0, [...field.options].findLastIndex((one) => one.defaultSelected));
  }
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

function inUse(part) {
  const active = document.activeElement;
  if (active !== part && part.contains(active) && active.matches(`${FIELD}, input[type=search]`)) return true;
  if (part.querySelector(':popover-open, dialog[open]')) return true;
  const chosen = getSelection();
  if (chosen && !chosen.isCollapsed && chosen.rangeCount && chosen.getRangeAt(0).intersectsNode(part)) return true;
  return [...part.querySelectorAll('input, select, textarea')].some(unsent);
}

function hold(part) {
  if (!waiting.has(part)) waiting.set(part, performance.now());
  look ||= setInterval(release, 300);
}

function release() {
  for (const part of [...waiting.keys()]) {
    if (!part.isConnected) waiting.delete(part);
    else if (!inUse(part)) { waiting.delete(part); tell(part); }
  }
  const line = document.getElementById('waits');
  if (line) line.hidden = ![...waiting.values()].some((since) => performance.now() - since > TOLD_AFTER);
  if (!waiting.size) { clearInterval(look); look = 0; }
}

function tell(part) {
  if (document.getElementById('session')?.dataset.state === 'over') return; // an answer would lead to the door, away from what is typed
  if (!part.matches('[data-rows]') && inUse(part)) hold(part); // a list takes over cell by cell and waits for nobody (list.js)
  else part.dispatchEvent(new CustomEvent('nm:live', { bubbles: false }));
}

// ── What stays across a swap ─────────────────────────────────────────────────────────────────────────────────────────────────────
const held = new WeakMap(); // part → what to bring back

function meaning(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.matches('a[href]')) return `a[href="${CSS.escape(element.getAttribute('href'))}"]`;
  if (element.name && element.hasAttribute('value')) return `[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.getAttribute('value'))}"]`;
  return element.name ? `[name="${CSS.escape(element.name)}"]` : '';
}

const scrollers = (part) => [part, ...part.querySelectorAll('.sideways, [tabindex="0"]')];
const boxes = (part) => [...part.querySelectorAll('tbody input[name=row]')];
const address = (row) => row.querySelector('a[href]')?.getAttribute('href');

function remember(part) {
  const active = document.activeElement;
  const at = part.querySelector('tr.at');
  held.set(part, {
    active: part.contains(active) ? active : null,
    focus: part.contains(active) ? meaning(active) : '',
    ring: part.contains(active) && active.matches(':focus-visible'),
    scroll: scrollers(part).map((one) => [one.scrollLeft, one.scrollTop]),
    chosen: new Set(boxes(part).filter((box) => box.checked).map((box) => box.value)),
    at: at && address(at),
    open: [...part.querySelectorAll('details[open][id]')].map((one) => one.id),
  });
}

function bring(before, part) {
  const { active, focus, ring, scroll, chosen, at, open } = before;
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  scrollers(part).forEach((one, n) => {
    if (scroll[n] && one.scrollLeft !== scroll[n][0]) one.scrollLeft = scroll[n][0];
    if (scroll[n] && one.scrollTop !== scroll[n][1]) one.scrollTop = scroll[n][1];
  });
  let moved = null;
  for (const box of boxes(part)) {
    const on = chosen.has(box.value);
    if (box.checked !== on || box.closest('tr').classList.contains('picked') !== on) moved = box;
    box.checked = on;
    box.closest('tr').classList.toggle('picked', on);
  }
  if (moved || chosen.size) (moved ?? boxes(part)[0])?.dispatchEvent(new CustomEvent('nm:chosen', { bubbles: true }));
  if (at) for (const row of part.querySelectorAll('tbody tr')) row.classList.toggle('at', address(row) === at);
  if (!active) return;
  const there = focus ? part.querySelector(focus) ?? (part.matches(focus) ? part : null) : active.isConnected ? active : null;
  if (there && there !== document.activeElement) there.focus({ preventScroll: true, focusVisible: ring });
  else if (!there && !active.isConnected) part.closest('main')?.focus({ preventScroll: true, focusVisible: false });
}

document.addEventListener('htmx:before:swap', (event) => {
  const part = event.detail?.ctx?.sourceElement;
  if (!part?.matches?.('[data-live]')) return;
  const targets = (event.detail.tasks ?? []).map((task) => (typeof task.target === 'string' ? document.querySelector(task.target) : task.target));
  if ([part, ...targets].some((one) => one instanceof Element && inUse(one))) { event.preventDefault(); hold(part); return; }
  remember(part);
});

document.addEventListener('htmx:after:swap', (event) => {
  const part = event.detail?.ctx?.sourceElement;
  const before = part && held.get(part);
  if (before) {
    held.delete(part);
    bring(before, part.isConnected ? part : document.getElementById(part.id) ?? part);
  }
  say();
  open();
});

// ── Progress and arrivals, said aloud now and then ───────────────────────────────────────────────────────────────────────────────
let saidAt = -SAY_EVERY;
let saying = 0;
let last = null;

const words = () => [...document.querySelectorAll('[data-live] [data-say]')].map((one) => one.textContent.trim()).filter(Boolean).join(' ');

function say() {
  const now = words();
  if (last === null || now === last || saying) { last ??= now; return; }
  saying = setTimeout(() => {
    saying = 0;
    const place = document.getElementById('said');
    const newest = words();
    if (!place || newest === last) return;
    last = newest;
    saidAt = performance.now();
    place.textContent = newest;
  }, Math.max(0, saidAt + SAY_EVERY - performance.now()));
}

// ── The stream ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
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
  document.documentElement.removeAttribute('data-live-open');
}

function open() {
  if (source || document.hidden || !parts().length) return;
  clearTimeout(retry);
  let missed = asleep || polling > 0;
  source = new EventSource('/events');
  source.onopen = () => {
    wait = 1000;
    poll(false);
    document.documentElement.toggleAttribute('data-live-open', true);
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
last = parts().length ? words() : null;
open();
