// Small things every page does: theme at once, dialogs, "why this amount", forms that warn before typed words are lost.
// Each has a plain form or link behind it; without this file the page still works.

const root = document.documentElement;
const YEAR = 31536000;

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
}

function press(group, chosen) {
  for (const button of group.querySelectorAll('[aria-pressed]')) button.setAttribute('aria-pressed', String(button === chosen));
}

document.addEventListener('click', (event) => {
  const theme = event.target.closest('[data-theme-choice]');
  if (theme) {
    event.preventDefault();
    root.dataset.bsTheme = theme.dataset.themeChoice;
    remember('nm_theme', theme.dataset.themeChoice);
    press(theme.closest('.seg'), theme);
    return;
  }
  const density = event.target.closest('[data-density-choice]');
  if (density) {
    event.preventDefault();
    const table = document.getElementById(density.dataset.for);
    if (table) table.dataset.density = density.dataset.densityChoice;
    remember(density.dataset.cookie, density.dataset.densityChoice);
    for (const link of density.closest('.seg').children) link.toggleAttribute('aria-current', false);
    density.setAttribute('aria-current', 'true');
    return;
  }
  const why = event.target.closest('.whylink');
  if (why) {
    const body = document.getElementById(why.getAttribute('aria-controls'));
    if (!body) return;
    const open = why.getAttribute('aria-expanded') !== 'true';
    why.setAttribute('aria-expanded', String(open));
    body.hidden = !open;
    why.closest('tr')?.classList.toggle('open', open);
    event.preventDefault();
    return;
  }
  // Browsers without invoker commands: open the dialog that the button names.
  const opener = event.target.closest('button[commandfor][command=show-modal]');
  if (opener && !('command' in HTMLButtonElement.prototype)) document.getElementById(opener.getAttribute('commandfor'))?.showModal();
});

// A filter form keeps its address short, and a chosen order needs no second press.
addEventListener('formdata', (event) => {
  if (event.target.method !== 'get') return;
  for (const [name, value] of [...event.formData]) if (value === '') event.formData.delete(name);
});
addEventListener('change', (event) => { if (event.target.matches?.('form.filters > .order select')) event.target.form.requestSubmit(); });

// A form that came back with errors: the reader starts at the summary.
function greet(scope) { scope.querySelector?.('[data-focus]:not(.gallery *)')?.focus(); }
greet(document);
document.addEventListener('htmx:after:swap', (event) => greet(event.target));

// A part that got no answer keeps what it shows, and the page says how old that is; the next answer takes the words away.
let asOf = new Date();
function unanswered(event) {
  if (event.detail?.ctx?.response?.status === 422) return;
  const place = document.getElementById('toasts');
  const words = document.getElementById('no-answer');
  if (!place || !words || place.querySelector('[data-no-answer]')) return;
  const said = words.content.cloneNode(true);
  const time = said.querySelector('time');
  time.textContent = `${String(asOf.getHours()).padStart(2, '0')}:${String(asOf.getMinutes()).padStart(2, '0')}`;
  time.dateTime = asOf.toISOString();
  place.append(said);
}
document.addEventListener('htmx:response:error', unanswered);
document.addEventListener('htmx:error', unanswered);
document.addEventListener('htmx:after:swap', (event) => {
  if ((event.detail?.ctx?.response?.status ?? 500) >= 400) return;
  asOf = new Date();
  document.querySelector('#toasts [data-no-answer]')?.remove();
});

// Grey lines only when an answer takes more than 300 ms: the part says so by aria-busy, the sheet by its class.
document.addEventListener('htmx:before:request', (event) => {
  const part = event.target;
  if (!(part instanceof Element)) return;
  part.nmBusy = setTimeout(() => part.setAttribute('aria-busy', 'true'), 300);
});
document.addEventListener('htmx:finally:request', (event) => {
  clearTimeout(event.target?.nmBusy);
  event.target?.removeAttribute?.('aria-busy');
});

// On the page of a row that goes on along its list: the list will stand on the row that was seen last.
if (document.querySelector('[data-beside]')) {
  try {
    const kept = JSON.parse(sessionStorage.getItem('nm.row'));
    if (kept) sessionStorage.setItem('nm.row', JSON.stringify({ ...kept, at: location.pathname }));
  } catch { /* nothing was kept */ }
}
