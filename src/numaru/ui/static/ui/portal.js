// The portal works without this. The widget's keys fetch one answer and add it to the page, a form that came back begins at its summary,
// and a form is sent once.

document.querySelector('[data-focus]')?.focus();
(document.getElementById('last') ?? null)?.scrollIntoView({ block: 'end' });

document.addEventListener('click', async (event) => {
  const key = event.target.closest('a[data-ask]');
  const talk = document.getElementById('talk');
  if (!key || !talk || event.ctrlKey || event.metaKey || event.shiftKey || key.getAttribute('aria-busy') === 'true') return;
  event.preventDefault();
  key.setAttribute('aria-busy', 'true');
  try {
    const address = new URL(key.href);
    const one = new URL(address.pathname, address);
    one.searchParams.set('q', key.dataset.ask);
    const answer = await fetch(one, { headers: { 'HX-Request': 'true' }, credentials: 'same-origin' });
    if (answer.status !== 200) throw new Error(String(answer.status));
    const part = document.createElement('template');
    part.innerHTML = await answer.text();
    document.getElementById('last')?.removeAttribute('id');
    talk.append(part.content);
    talk.lastElementChild.scrollIntoView({ block: 'end', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  } catch {
    location.assign(key.href); // signed out, or the server did not answer: the whole page says so
  } finally {
    key.removeAttribute('aria-busy');
  }
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = 'yes';
  setTimeout(() => delete form.dataset.sent, 4000);
});
