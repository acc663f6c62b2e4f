// Lists: all that match, the row one came from, columns by hand, and live rows that never move what is under the reader.
// Each has a plain link, box or form behind it.

const table = () => document.querySelector('table.list');
const rows = () => [...document.querySelectorAll('table.list tbody tr')];
const keyed = (scope) => new Map([...scope.querySelectorAll('table.list tbody tr')].map((row) => [row.dataset.row, row]));

// ── all that match: every row of the page is shown as chosen, and the floor says the whole number ──
function every(on) {
  const floor = document.querySelector('.floor[data-chosen]');
  if (!floor) return;
  const box = floor.querySelector('[data-all]');
  if (box) box.checked = on;
  floor.querySelector('[data-some]').hidden = on;
  const all = floor.querySelector('[data-every]');
  if (all) all.hidden = !on;
}
document.addEventListener('change', (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement)) return;
  if (box.matches('[data-all]')) {
    const head = document.querySelector('table.list thead input[type=checkbox]');
    if (box.checked && head && !head.checked) { head.checked = true; head.dispatchEvent(new Event('change', { bubbles: true })); }
    every(box.checked);
  } else if (box.closest('table.list') && !box.checked) every(false);
});
document.addEventListener('nm:count', (event) => { if (event.detail < rows().length) every(false); });
document.addEventListener('click', (event) => { if (event.target.closest?.('[data-unchoose]')) every(false); });

// What the browser kept chosen over a way back is shown as chosen.
function sync() {
  for (const row of rows()) row.classList.toggle('picked', Boolean(row.querySelector('.pick input')?.checked));
  const n = rows().filter((row) => row.classList.contains('picked')).length;
  const floor = document.querySelector('.floor[data-chosen]');
  if (!floor) return;
  const count = floor.querySelector('[data-count]');
  if (count) count.textContent = String(n);
  every(Boolean(floor.querySelector('[data-all]')?.checked));
}

// ── the row one came from ──
const PLACE = 'nm.row';
const place = () => { try { return JSON.parse(sessionStorage.getItem(PLACE)) ?? {}; } catch { return {}; } };
const bare = (link) => new URL(link.href, location.href).pathname;
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('table.list tbody a');
  if (link && !event.defaultPrevented) sessionStorage.setItem(PLACE, JSON.stringify({ list: location.pathname + location.search, at: bare(link) }));
});
function stand() {
  const kept = place();
  if (kept.list !== location.pathname + location.search) return;
  const link = [...document.querySelectorAll('table.list tbody a')].find((one) => bare(one) === kept.at);
  const row = link?.closest('tr');
  if (!row || document.activeElement?.closest('main')) return;
  for (const one of rows()) one.classList.toggle('at', one === row);
  link.focus({ preventScroll: true, focusVisible: false });
  row.scrollIntoView({ block: 'center' });
}

// ── columns: moved by hand in the menu, sent with its button ──
document.addEventListener('click', (event) => {
  const nudge = event.target.closest?.('[data-nudge]');
  if (!nudge) return;
  event.preventDefault();
  const one = nudge.closest('li');
  const list = one.parentElement;
  const to = [...list.children].indexOf(one) + Number(nudge.dataset.nudge);
  if (to < 1 || to >= list.children.length) return;
  if (nudge.dataset.nudge === '1') list.children[to].after(one); else list.children[to].before(one);
  nudge.focus();
});

// ── live rows ──
// A list that hears of a change asks for itself and takes over cell by cell. Rows stay where they are, with their choice, focus and the bar of
// the keyboard; what left is greyed until the next visit; what is new waits behind a line "새 항목 3" above the rows.
let waiting = null;
let asked = 0;

async function refresh(part) {
  const mine = ++asked;
  let text;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, credentials: 'same-origin' });
    if (!answer.ok || answer.redirected) return;
    text = await answer.text();
  } catch { return; }
  if (mine !== asked) return;
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  const next = fresh.getElementById(part.id);
  if (!next) return;
  if (!table() || !next.querySelector('table.list')) {
    if (Boolean(table()) !== Boolean(next.querySelector('table.list')) && !part.contains(document.activeElement)) part.replaceWith(document.adoptNode(next));
    return;
  }
  const before = keyed(document);
  const after = keyed(next);
  const keys = [...before.keys()];
  const lasting = keys.findLastIndex((key) => after.has(key));
  const more = next.querySelector('.pages a[rel=next]'); // then what stood last was only pushed onto the next page
  for (const [key, row] of before) {
    const now = after.get(key);
    row.classList.toggle('departed', !now && !(more && keys.indexOf(key) > lasting));
    if (now) take(row, now);
  }
  for (const said of ['[data-said]', '.views']) {
    const old = part.querySelector(said);
    const now = next.querySelector(said);
    if (old && now && old.innerHTML !== now.innerHTML && !old.contains(document.activeElement) && !document.querySelector(':popover-open')) old.replaceWith(document.adoptNode(now));
  }
  const news = [...after.keys()].filter((key) => !before.has(key));
  const body = table().tBodies[0];
  if (news.length && news.every((key) => [...after.keys()].indexOf(key) > [...after.keys()].findLastIndex((k) => before.has(k)))) {
    for (const key of news) body.append(document.adoptNode(after.get(key))); // below the last: under nobody's finger
    return;
  }
  waiting = news.length ? next : null;
  announce(part, news.length);
}

function take(row, now) {
  let changed = false;
  [...row.cells].forEach((cell, i) => {
    const fresh = now.cells[i];
    if (!fresh || cell.classList.contains('pick') || cell.innerHTML === fresh.innerHTML) return;
    const focused = cell.contains(document.activeElement);
    cell.innerHTML = fresh.innerHTML;
    if (focused) cell.querySelector('a, button')?.focus({ preventScroll: true });
    changed = true;
  });
  if (!changed) return;
  row.classList.remove('changed');
  void row.offsetWidth; // lets the tint begin anew
  row.classList.add('changed');
}

function announce(part, n) {
  const line = part.querySelector('[data-new]');
  if (!line) return;
  line.hidden = n === 0;
  const number = line.querySelector('b');
  if (number) number.textContent = String(n);
}

document.addEventListener('click', (event) => {
  const line = event.target.closest?.('[data-new]');
  if (!line || !waiting) return;
  event.preventDefault();
  const before = keyed(document);
  const body = table().tBodies[0];
  const order = [...waiting.querySelectorAll('table.list tbody tr')];
  for (const row of [...order].reverse()) {
    const old = before.get(row.dataset.row);
    const one = old ?? document.adoptNode(row);
    if (!old) { one.classList.add('arrived'); body.prepend(one); } else if (body.firstElementChild !== one) body.prepend(one);
  }
  waiting = null;
  announce(line.closest('[data-rows]'), 0);
  body.querySelector('tr a')?.focus({ preventScroll: true });
});

// Many changes at once are one question: at most one in two seconds.
let rest = 0;
let due = false;
function heard(part) {
  if (rest) { due = true; return; }
  refresh(part);
  rest = setTimeout(() => { rest = 0; if (due) { due = false; heard(part); } }, 2000);
}
document.addEventListener('nm:live', (event) => {
  if (event.target.matches?.('[data-rows]')) heard(event.target);
}, true);
document.addEventListener('animationend', (event) => event.target.closest?.('tr')?.classList.remove('changed', 'arrived'));
addEventListener('pageshow', () => { sync(); stand(); });
