// Search and commands (Ctrl/⌘ K): a combobox over the page /find/, which answers without any of this too. An answer is shown only while it is
// the answer to what stands in the field; Enter opens nothing that was not seen, except the one thing whose number was typed to its end.
import { keySheet } from './keys.js';

const palette = document.getElementById('palette');
const PAUSE = 120; // after a key, before the server is asked
const SETTLED = 700; // after which a whole telephone number is looked up by itself
const PATIENCE = 300; // before "searching" is said

if (palette) {
  const field = document.getElementById('palette-q');
  const list = document.getElementById('palette-list');
  const words = document.getElementById('palette-words'); // what is said when there is nothing to choose
  const said = document.getElementById('palette-said');
  const form = field.form;
  let asking = null; // what stops the question that is on its way
  let shown = null; // the question whose answer is shown
  let composing = false;
  let timer = 0;
  let pause = 0;
  let wait = 0;
  let before = null; // where the reader was

  const options = () => [...list.querySelectorAll('[role=option]')];
  const active = () => list.querySelector('[aria-selected=true]');
  const found = () => list.firstElementChild ?? words.firstElementChild;

  function select(option) {
    for (const one of list.querySelectorAll('[aria-selected=true]')) one.setAttribute('aria-selected', 'false');
    if (!option) { field.removeAttribute('aria-activedescendant'); return; }
    option.setAttribute('aria-selected', 'true');
    field.setAttribute('aria-activedescendant', option.id);
    const first = option === options()[0];
    if (first) list.scrollTop = 0; else option.scrollIntoView({ block: 'nearest' });
  }

  function show(content, question) {
    const any = content.querySelector('[role=option]') !== null; // a list without an option would be none
    list.replaceChildren(...(any ? [content] : []));
    words.replaceChildren(...(any ? [] : [content]));
    list.removeAttribute('aria-busy');
    shown = question;
    options().forEach((option, n) => { option.id = `po-${n}`; });
    field.setAttribute('aria-expanded', String(options().length > 0));
    select(options()[0]);
    said.textContent = found()?.dataset.said ?? '';
  }

  function failed() {
    show(document.getElementById('palette-fail').content.cloneNode(true), null);
    said.textContent = words.textContent.trim();
  }

  // Asks for what stands in the field; a newer question stops an older one, so no stale answer is ever shown.
  async function ask(settled) {
    clearTimeout(timer); clearTimeout(pause);
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    const question = field.value;
    const query = new URLSearchParams({ q: question });
    if (!settled) query.set('typing', '1');
    clearTimeout(wait);
    wait = setTimeout(() => {
      list.setAttribute('aria-busy', 'true');
      if (!list.childElementCount) words.replaceChildren(document.getElementById('palette-wait').content.cloneNode(true));
    }, PATIENCE);
    try {
      const answer = await fetch(`${form.action}?${query}`, { headers: { 'HX-Request': 'true' }, signal: mine.signal, credentials: 'same-origin' });
      const away = answer.headers.get('HX-Redirect');
      if (away) { location.assign(away); return false; }
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (mine.signal.aborted || asking !== mine) return false;
      const content = new DOMParser().parseFromString(text, 'text/html').body.firstElementChild;
      show(content, question);
      if (content.hasAttribute('data-pause')) pause = setTimeout(() => ask(true), SETTLED);
      return true;
    } catch (error) {
      if (error.name !== 'AbortError' && asking === mine) failed();
      return false;
    } finally {
      if (asking === mine) clearTimeout(wait);
    }
  }

  const soon = () => { clearTimeout(timer); clearTimeout(pause); timer = setTimeout(() => ask(false), PAUSE); };

  function go(option, beside) {
    if (!option) return;
    if (option.matches('button')) { option.click(); return; }
    if (beside) { open(option.href, '_blank', 'noopener'); return; }
    close();
    option.click(); // as a link: a form with words that were not sent may ask first
  }

  // Enter: what is shown and chosen. Of a question not answered yet, only the thing whose number was typed to its end.
  async function enter(beside) {
    const fresh = shown === field.value && !found()?.hasAttribute('data-waits');
    if (fresh) { go(active(), beside); return; }
    if (!(await ask(true))) return;
    const only = found()?.dataset.only;
    if (only) go(options().find((option) => option.getAttribute('href') === only), beside);
  }

  function openPalette(text) {
    if (palette.open) { field.select(); return; }
    const other = document.querySelector('dialog[open]');
    if (other) return; // a question that is open comes first
    document.querySelectorAll(':popover-open').forEach((one) => one.hidePopover());
    before = document.activeElement;
    if (text !== undefined) field.value = text;
    palette.showModal();
    field.focus();
    field.select();
    if (shown !== field.value || !field.value) ask(false);
  }

  function close() { if (palette.open) palette.close(); }

  palette.addEventListener('close', () => {
    asking?.abort(); clearTimeout(timer); clearTimeout(pause); clearTimeout(wait);
    field.value = '';
    list.replaceChildren();
    words.replaceChildren();
    shown = null;
    field.setAttribute('aria-expanded', 'false');
    field.removeAttribute('aria-activedescendant');
    const lost = !document.activeElement || document.activeElement === document.body; // the dialog gives the focus back by itself, if it can
    if (lost && before?.isConnected) before.focus({ preventScroll: true });
  });

  field.addEventListener('compositionstart', () => { composing = true; });
  field.addEventListener('compositionend', () => { composing = false; soon(); });
  field.addEventListener('input', () => {
    if (field.value === '?' && !composing) { close(); keySheet(); return; }
    soon();
  });

  field.addEventListener('keydown', (event) => {
    if (event.isComposing || composing || event.keyCode === 229) return; // Enter ends the syllable, arrows choose a candidate
    const all = options();
    const here = all.indexOf(active());
    const bare = !event.altKey && !event.ctrlKey && !event.metaKey;
    if (event.code === 'ArrowDown' && bare) select(all[(here + 1) % all.length]);
    else if (event.code === 'ArrowUp' && bare) select(all[(here - 1 + all.length) % all.length]);
    else if (event.code === 'PageDown') select(all[Math.min(here + 8, all.length - 1)]);
    else if (event.code === 'PageUp') select(all[Math.max(here - 8, 0)]);
    else if (event.code === 'Home' && event.ctrlKey) select(all[0]);
    else if (event.code === 'End' && event.ctrlKey) select(all.at(-1));
    else if ((event.code === 'Enter' || event.code === 'NumpadEnter') && !event.altKey) enter(event.shiftKey || event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  form.addEventListener('submit', (event) => { event.preventDefault(); if (!composing) enter(false); }); // the key "go" of a phone
  list.addEventListener('pointermove', (event) => {
    const option = event.target.closest('[role=option]');
    if (option && option !== active()) select(option);
  });
  list.addEventListener('mousedown', (event) => { if (event.button === 0) event.preventDefault(); }); // the field keeps the focus
  palette.addEventListener('click', (event) => {
    if (event.target === palette || event.target.closest('[data-palette-close]')) close();
  });

  // The box of the top bar becomes a button; its plain form is for pages without script.
  for (const plain of document.querySelectorAll('[data-palette-form]')) plain.remove();
  for (const button of document.querySelectorAll('[data-palette-open]')) {
    button.hidden = false;
    button.addEventListener('click', () => openPalette());
  }

  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229 || event.altKey || event.shiftKey) return;
    if (!(event.ctrlKey || event.metaKey) || event.code !== 'KeyK') return;
    event.preventDefault();
    openPalette();
  });
}
