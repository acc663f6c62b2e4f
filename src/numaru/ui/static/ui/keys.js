// The keyboard of the console (SCREENS §11). Keys are told by event.code, so they work with the Hangul layout on, and are ignored
// while a syllable is being composed and inside fields. Single letters can be switched off (data-keys="off" on the document).

const rows = () => [...document.querySelectorAll('table.list tbody tr')];
const at = () => rows().findIndex((row) => row.classList.contains('at'));
let going = 0; // until when a g waits for its room
let last = -1; // the row chosen last, where Shift+x begins

const typing = (target) => target instanceof Element && target.closest('input:not([type=checkbox]), textarea, select, [contenteditable]');
const opened = () => document.querySelector('dialog[open], :popover-open');

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
  if (range && last >= 0) {
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

document.addEventListener('keydown', (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const command = event.ctrlKey || event.metaKey;
  if (command && !event.altKey && event.code === 'KeyK') {
    const box = document.getElementById('find-all');
    if (box) { event.preventDefault(); box.focus(); box.select(); }
    return;
  }
  if (command && event.code === 'Enter') {
    const primary = document.querySelector('.floor:not([hidden]) .btn-primary') ?? document.querySelector('main form .btn-primary');
    if (primary && !opened()) { event.preventDefault(); primary.click(); }
    return;
  }
  if (command || event.altKey || opened() || document.documentElement.dataset.keys === 'off') return;
  if (typing(event.target)) return;
  const here = at();
  if (going > event.timeStamp) {
    going = 0;
    const room = document.querySelector(`.pillar a[data-code="${event.code}"]`);
    if (room) { event.preventDefault(); room.click(); return; }
  }
  switch (event.code) {
    case 'KeyG': going = event.timeStamp + 1500; break;
    case 'KeyJ': stand(here + 1); break;
    case 'KeyK': stand(here < 0 ? 0 : here - 1); break;
    case 'KeyX': choose(here, event.shiftKey); break;
    case 'KeyO': rows()[here]?.querySelector('a')?.click(); break;
    case 'Enter': {
      const link = rows()[here]?.querySelector('a');
      if (!link || (event.target !== link && event.target !== document.body && !event.target.matches?.('main'))) return;
      if (event.shiftKey) open(link.href, '_blank', 'noopener'); else link.click();
      break;
    }
    case 'Slash': {
      if (event.shiftKey) { document.getElementById('keylist')?.showModal(); break; }
      const find = document.querySelector('.find input');
      if (!find) return;
      find.focus();
      find.select();
      break;
    }
    default: return;
  }
  event.preventDefault();
});
