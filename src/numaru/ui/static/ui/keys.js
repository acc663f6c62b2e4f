// The keyboard of the console (SCREENS §11; what the sheet says of it: ui/keyboard.py). Keys are told by event.code, so they work with the
// Hangul layout on, and are ignored while a syllable is being composed and inside fields. Single letters can be switched off (data-keys="off").

// The rows of a list; on the first page, which has none, the things that wait.
const rows = () => {
  const listed = [...document.querySelectorAll('table.list tbody tr')];
  return listed.length ? listed : [...document.querySelectorAll('.todo > li')];
};
const at = () => rows().findIndex((row) => row.classList.contains('at'));
const TURNS = { BracketLeft: 'prev', KeyP: 'prev', BracketRight: 'next', KeyN: 'next' }; // unless a room gives the letter to something here
let going = 0; // until when a g waits for its room
let last = -1; // the row chosen last, where Shift+x begins

const typing = (target) => target instanceof Element && target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]');
const opened = () => document.querySelector('dialog[open], :popover-open:not([popover=manual])'); // what stands beside the work is no dialog
const pressed = (element) => element && element.checkVisibility?.() !== false && !element.disabled;

function stand(index) {
  const all = rows();
  if (!all.length) return;
  const to = Math.max(0, Math.min(index, all.length - 1));
  all.forEach((row, i) => row.classList.toggle('at', i === to));
  const link = all[to].querySelector('a');
  link?.focus({ preventScroll: true, focusVisible: false });
  all[to].scrollIntoView({ block: 'nearest' });
}

function choose(index, range) {
  const all = rows();
  const box = all[index]?.querySelector('input[type=checkbox]');
  if (!box) return;
  if (range && last >= 0 && all[last]) {
    const to = all[last].querySelector('input[type=checkbox]').checked;
    for (let i = Math.min(last, index); i <= Math.max(last, index); i += 1) mark(all[i], to);
  } else mark(all[index], !box.checked);
  last = index;
  chosen();
}

function mark(row, on) {
  const box = row.querySelector('input[type=checkbox]');
  if (!box) return;
  box.checked = on;
  row.classList.toggle('picked', on);
}

// The floor of a list says how many are chosen and offers what can be done with them.
function chosen() {
  const all = rows();
  const n = all.filter((row) => row.classList.contains('picked')).length;
  const everything = document.querySelector('table.list thead input[type=checkbox]');
  if (everything) { everything.checked = n > 0 && n === all.length; everything.indeterminate = n > 0 && n < all.length; }
  const floor = document.querySelector('.floor[data-chosen]');
  if (!floor) return;
  floor.hidden = n === 0;
  const count = floor.querySelector('[data-count]');
  if (count) count.textContent = String(n);
  document.dispatchEvent(new CustomEvent('nm:count', { detail: n }));
}

document.addEventListener('change', (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.type !== 'checkbox' || !box.closest('table.list')) return;
  if (box.closest('thead')) rows().forEach((row) => mark(row, box.checked));
  else { mark(box.closest('tr'), box.checked); last = rows().indexOf(box.closest('tr')); }
  chosen();
});
document.addEventListener('click', (event) => {
  if (!event.target.closest?.('[data-unchoose]')) return;
  rows().forEach((row) => mark(row, false));
  chosen();
});

document.addEventListener('nm:chosen', chosen); // a live list brought the choice back after a swap
// The sheet of keys leaves out what has no effect on this page.
export function keySheet() {
  const sheet = document.getElementById('keylist');
  if (!sheet || sheet.open) return;
  for (const part of sheet.querySelectorAll('[data-when]')) {
    part.hidden = ![...document.querySelectorAll(part.dataset.when)].some((found) => !found.closest('dialog') && pressed(found));
  }
  sheet.showModal();
}

function primary() {
  const there = [...document.querySelectorAll('.floor:not([hidden]) .btn-primary'), ...document.querySelectorAll('main form .btn-primary')];
  return there.find(pressed);
}

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && event.code === 'Enter') {
    const box = opened();
    const wanted = box?.matches('dialog:not(.cmdk)') ? [...box.querySelectorAll('.btn-primary, .btn-danger')].find(pressed) : box ? null : primary();
    if (wanted) { event.preventDefault(); wanted.click(); }
    return;
  }
  if (event.code === 'Escape' && event.target.matches?.('.find input') && !opened()) {
    event.preventDefault(); // leaves the field, and leaves in it what was typed
    event.target.blur();
    if (rows().length) stand(Math.max(0, at()));
    return;
  }
  if (command || event.altKey || opened() || document.documentElement.dataset.keys === 'off') return;
  if (typing(event.target) || event.target.closest?.('[popover=manual]')) return;
  const here = at();
  if (going > event.timeStamp) {
    going = 0;
    const room = document.querySelector(`.pillar a[data-code="${event.code}"]`);
    if (room) { event.preventDefault(); room.click(); return; }
  }
  switch (event.code) {
    case 'KeyG': going = event.timeStamp + 1500; break;
    case 'KeyJ': if (!rows().length) return; stand(here + 1); break;
    case 'KeyK': if (!rows().length) return; stand(here < 0 ? 0 : here - 1); break;
    case 'KeyX': if (here < 0) return; choose(here, event.shiftKey); break;
    case 'KeyO': if (here < 0) return; rows()[here]?.querySelector('a')?.click(); break;
    case 'Enter': {
      const link = rows()[here]?.querySelector('a');
      if (!link || (event.target !== link && event.target !== document.body && !event.target.matches?.('main'))) return;
      if (event.shiftKey) open(link.href, '_blank', 'noopener'); else link.click();
      break;
    }
    case 'Slash': {
      if (event.shiftKey) { keySheet(); break; }
      const find = document.querySelector('.find input');
      if (!find) return;
      find.focus();
      find.select();
      break;
    }
    default: {
      if (event.shiftKey) return;
      const own = [...document.querySelectorAll(`[data-key="${event.code}"]`)].find(pressed);
      const way = TURNS[event.code];
      const link = own ?? (way ? [...document.querySelectorAll(`main a[rel=${way}]`)].find(pressed) : null);
      if (!link) return;
      own?.focus();
      link.click();
    }
  }
  event.preventDefault();
});
