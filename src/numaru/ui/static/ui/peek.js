// A glance at an object behind its number: an element with data-peek shows what that address answers, after 300 ms under the pointer or by
// Space or Alt+Enter while it has the focus. Esc closes it. It can be pointed at itself, and it is never shown to a finger.

const place = document.getElementById('peek');
const PATIENCE = 300;
const KEPT = 60000; // milliseconds for which an answer is shown again
const seen = new Map();
let at = null; // the chip whose glance is shown or on its way
let opening = 0;
let closing = 0;

function stand() {
  const chip = at.getBoundingClientRect();
  const box = place.getBoundingClientRect();
  const under = chip.bottom + 6 + box.height <= innerHeight || chip.top < box.height + 6;
  place.style.top = `${Math.max(8, under ? chip.bottom + 6 : chip.top - box.height - 6)}px`;
  place.style.left = `${Math.max(8, Math.min(chip.left, innerWidth - box.width - 8))}px`;
}

async function fetched(address) {
  const kept = seen.get(address);
  if (kept && kept.at > performance.now() - KEPT) return kept.content.cloneNode(true);
  const answer = await fetch(address, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' });
  if (!answer.ok || answer.status === 204) return null;
  const content = new DOMParser().parseFromString(await answer.text(), 'text/html').body.firstElementChild;
  if (content) seen.set(address, { at: performance.now(), content });
  return content?.cloneNode(true) ?? null;
}

async function show(chip) {
  clearTimeout(closing);
  at = chip;
  const content = await fetched(chip.dataset.peek).catch(() => null);
  if (at !== chip || !chip.isConnected) return;
  if (!content) { hide(); return; }
  place.replaceChildren(content);
  if (!place.matches(':popover-open')) place.showPopover();
  chip.setAttribute('aria-describedby', 'peek');
  stand();
}

function hide() {
  clearTimeout(opening); clearTimeout(closing);
  at?.removeAttribute('aria-describedby');
  at = null;
  if (place.matches(':popover-open')) place.hidePopover();
}

if (place) {
  document.addEventListener('pointerover', (event) => {
    if (event.pointerType === 'touch') return;
    if (place.contains(event.target)) { clearTimeout(closing); return; }
    const chip = event.target.closest?.('[data-peek]');
    if (!chip || chip === at) { if (chip) clearTimeout(closing); return; }
    clearTimeout(opening);
    opening = setTimeout(() => show(chip), PATIENCE);
  });
  document.addEventListener('pointerout', (event) => {
    if (event.pointerType === 'touch') return;
    if (!event.target.closest?.('[data-peek], .peek')) return;
    clearTimeout(opening);
    clearTimeout(closing);
    closing = setTimeout(hide, PATIENCE);
  });
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.code === 'Escape' && at) { event.preventDefault(); event.stopPropagation(); hide(); return; }
    const chip = event.target.closest?.('[data-peek]');
    if (!chip || event.target !== chip) return;
    if (!((event.code === 'Space' && !event.ctrlKey && !event.metaKey) || (event.code === 'Enter' && event.altKey))) return;
    event.preventDefault();
    event.stopPropagation();
    if (at === chip) hide(); else show(chip);
  }, true);
  document.addEventListener('focusout', (event) => { if (event.target === at) hide(); });
  document.addEventListener('click', hide);
  addEventListener('scroll', () => { if (at) hide(); }, { capture: true, passive: true });
  document.addEventListener('htmx:after:swap', () => { if (at && !at.isConnected) hide(); });
}
