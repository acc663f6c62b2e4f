// Notices: those that need nothing go by themselves, and wait while they are pointed at or hold the focus; the others stay until closed.

const TICK = 250;
const unit = document.documentElement.lang === 'ko' ? (n) => ` ${n}초` : (n) => ` ${n} s`;

function follow(notice) {
  if (notice.nmLeft !== undefined) return;
  notice.nmLeft = (Number(notice.dataset.passing) || 6) * 1000;
  const left = notice.querySelector('[data-left]');
  const timer = setInterval(() => {
    if (!notice.isConnected) { clearInterval(timer); return; }
    if (document.hidden || notice.matches(':hover, :focus-within')) return;
    notice.nmLeft -= TICK;
    if (left) left.textContent = unit(Math.max(1, Math.ceil(notice.nmLeft / 1000)));
    if (notice.nmLeft <= 0) { clearInterval(timer); notice.remove(); }
  }, TICK);
}

function look() { for (const notice of document.querySelectorAll('[data-passing]')) follow(notice); }

document.addEventListener('click', (event) => event.target.closest?.('[data-close]')?.closest('.toast-n')?.remove());
new MutationObserver(look).observe(document.getElementById('toasts') ?? document.body, { childList: true });
document.addEventListener('htmx:after:swap', look);
look();

// What stands in the page from the start is told by no live region: the line of the house says it.
const words = [...document.querySelectorAll('#toasts .toast-n .st')].map((one) => one.textContent).join('. ');
if (words) setTimeout(() => { const said = document.getElementById('said'); if (said) said.textContent = words; }, 200);
