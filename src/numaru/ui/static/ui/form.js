// Forms: what was typed is not lost on the way out, amounts are grouped when they are left, and what the server says of a field is told to the
// field. Each form works without it.

// ── unsaved words ──
// A form with data-guard asks before it is left with words that were not sent: stay, leave, or (data-draft) leave and find them again.
const leaving = document.getElementById('leaving');
const typed = new Set();
let release = null;

const dirty = () => [...typed].find((form) => form.isConnected);
const name = (form) => `nm.draft:${location.pathname}#${form.id || form.getAttribute('action') || ''}`;

addEventListener('input', (event) => {
  if (event.target.name === 'csrfmiddlewaretoken') return;
  const form = event.target.closest?.('form[data-guard]') ?? event.target.form;
  if (form?.matches?.('form[data-guard]')) typed.add(form);
});
addEventListener('submit', (event) => { typed.delete(event.target); if (event.target.matches?.('[data-draft]')) sessionStorage.removeItem(name(event.target)); });
addEventListener('beforeunload', (event) => { if (dirty() && !release) event.preventDefault(); });

function ask(form, go) {
  if (!leaving) { go(); return; }
  leaving.querySelector('[data-keep]').hidden = !form.matches('[data-draft]');
  leaving.returnValue = '';
  leaving.showModal();
  leaving.onclose = () => {
    if (leaving.returnValue === 'leave' || leaving.returnValue === 'keep') {
      if (leaving.returnValue === 'keep') keep(form);
      release = go;
      typed.delete(form);
      go();
    }
  };
}

function keep(form) {
  const kept = [...new FormData(form)].filter(([key, value]) => key !== 'csrfmiddlewaretoken' && typeof value === 'string');
  sessionStorage.setItem(name(form), JSON.stringify(kept));
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  const form = dirty();
  if (!link || !form || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.hasAttribute('download')) return;
  const to = new URL(link.href, location.href);
  if (to.origin !== location.origin || (to.pathname === location.pathname && to.search === location.search && to.hash)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(form, () => { location.href = link.href; });
}, true);
document.addEventListener('htmx:before:swap', (event) => {
  const form = dirty();
  const target = event.detail?.ctx?.target ?? event.target;
  if (!form || !(target instanceof Element) || target === form || !target.contains(form)) return;
  if (event.detail?.ctx?.sourceElement?.closest?.('form') === form) return; // its own answer
  event.preventDefault();
});

// A draft that was kept comes back, with a way to drop it.
for (const form of document.querySelectorAll('form[data-draft]')) {
  let kept;
  try { kept = JSON.parse(sessionStorage.getItem(name(form))); } catch { kept = null; }
  const said = document.getElementById('drafted');
  if (!kept || !said || form.querySelector('.errsum')) continue;
  for (const control of form.elements) {
    if (control.type === 'checkbox' || control.type === 'radio') control.checked = kept.some(([key, value]) => key === control.name && value === control.value);
    else { const found = kept.find(([key]) => key === control.name); if (found && control.type !== 'file') control.value = found[1]; }
  }
  typed.add(form);
  const line = said.content.cloneNode(true);
  line.querySelector('button').addEventListener('click', () => { sessionStorage.removeItem(name(form)); typed.delete(form); location.reload(); });
  form.prepend(line);
}

// ── amounts, days and phones are written out when they are left ──
const digits = (text) => text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
function group(control) {
  const found = digits(control.value).replace(/[\s,₩원]/g, '').match(/^([+\-−]?)(\d+)(\.\d+)?$/);
  if (found) control.value = `${found[1]}${found[2].replace(/\B(?=(\d{3})+$)/g, ',')}${found[3] ?? ''}`;
}
function day(control) {
  const plain = digits(control.value).trim();
  const found = plain.match(/^(\d{4})(\d{2})(\d{2})$/) ?? plain.match(/^(\d{4})[-./](\d{1,2})[-./](\d{1,2})\.?$/);
  if (found) control.value = `${found[1]}-${found[2].padStart(2, '0')}-${found[3].padStart(2, '0')}`;
}
function phone(control) {
  const plain = digits(control.value).replace(/[^\d+]/g, '').replace(/^\+?82(0?)/, '0');
  const found = plain.match(/^(02|0\d{2})(\d{3,4})(\d{4})$/);
  if (found) control.value = `${found[1]}-${found[2]}-${found[3]}`;
}
const written = { money: group, day, phone };
addEventListener('focusout', (event) => {
  const control = event.target;
  if (control instanceof HTMLInputElement && control.dataset.as && !control.dataset.composing) written[control.dataset.as]?.(control);
});
addEventListener('compositionstart', (event) => { event.target.dataset.composing = '1'; });
addEventListener('compositionend', (event) => { delete event.target.dataset.composing; });

// The picker of the browser beside a typed day.
document.addEventListener('click', (event) => {
  const opener = event.target.closest?.('[data-pick]');
  const picker = opener?.parentElement.querySelector('input[type=date]');
  if (picker) { const field = opener.parentElement.querySelector('[data-as=day]'); if (/^\d{4}-\d{2}-\d{2}$/.test(field.value)) picker.value = field.value; picker.showPicker?.(); }
});
document.addEventListener('change', (event) => {
  if (!event.target.matches?.('.daypick input[type=date]')) return;
  const field = event.target.parentElement.querySelector('[data-as=day]');
  field.value = event.target.value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.dispatchEvent(new Event('change', { bubbles: true }));
  field.focus();
});

// ── a long list of choices is searched: the words typed above it leave the choices that hold them ──
addEventListener('input', (event) => {
  const box = event.target;
  if (!box.matches?.('[data-seek]')) return;
  const select = document.getElementById(box.dataset.seek);
  const wanted = box.value.trim().toLowerCase();
  for (const one of select?.options ?? []) one.hidden = Boolean(wanted) && !one.selected && !one.text.toLowerCase().includes(wanted);
});

// ── what the server said of a field ──
document.addEventListener('htmx:after:swap', (event) => {
  const said = document.getElementById(event.detail?.ctx?.target?.id ?? '') ?? event.target;
  const control = said?.matches?.('.said') && document.getElementById(said.id.replace(/_said$/, ''));
  if (control) control.toggleAttribute('aria-invalid', false), said.querySelector('.err') && control.setAttribute('aria-invalid', 'true');
});
