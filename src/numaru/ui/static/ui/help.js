// The chapter of this screen in a drawer beside the work. The link goes to the same page without this file, and with Ctrl, Shift or
// the middle button. Links between chapters stay in the drawer; Esc closes it and gives the focus back.

const drawer = document.getElementById('help');
const body = document.getElementById('help-body');
const whole = document.getElementById('help-whole');
let from = null; // where the focus was

const inside = (link) => link.origin === location.origin && link.pathname.startsWith('/help/');

async function show(url) {
  const answer = await fetch(url, { headers: { 'HX-Request': 'true' }, redirect: 'error' }).catch(() => null);
  if (!answer?.ok) { location.href = url; return; }
  body.innerHTML = await answer.text();
  whole.href = url;
  if (!drawer.matches(':popover-open')) drawer.showPopover();
  const { hash } = new URL(url, location.href);
  const chapter = hash ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
  body.scrollTop = 0;
  chapter?.scrollIntoView({ block: 'start' });
  body.focus({ preventScroll: true });
}

function hide() {
  drawer.hidePopover();
  from?.focus();
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-help], #help-body a');
  if (!drawer || !link || !inside(link) || event.defaultPrevented) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.matches('[data-help]')) {
    if (drawer.matches(':popover-open')) { hide(); return; }
    from = link;
  }
  show(link.href);
});

drawer?.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing) return;
  event.stopPropagation();
  hide();
});
drawer?.addEventListener('toggle', (event) => {
  document.documentElement.toggleAttribute('data-help-open', event.newState === 'open');
  if (event.newState === 'closed' && document.activeElement === document.body) from?.focus(); // closed with its button
});
drawer?.addEventListener('submit', (event) => {
  event.preventDefault();
  show(`${event.target.action}?${new URLSearchParams(new FormData(event.target))}`);
});
