// Charts. The specification stands in the page as JSON; the drawing library is fetched when the first chart comes into view, and a chart is
// drawn again when its place changes width. Colours are custom properties, so light, dark and print need no second drawing. Until it is
// drawn there is a grey box of the right height; without this file the table below each chart is all there is, and it says the same.

const DELAY = 150;
const drawn = new WeakMap(); // place -> {host, width, view}
let library = null;

function vega() {
  library ??= import('./vendor/vega.js').then(async (found) => {
    await document.fonts.ready;
    return found.vegaEmbed;
  });
  return library;
}

function sized(node, width) {
  if (node === '@W') return width;
  if (Array.isArray(node)) return node.map((one) => sized(one, width));
  if (node && typeof node === 'object') return Object.fromEntries(Object.entries(node).map(([key, one]) => [key, sized(one, width)]));
  return node;
}

async function draw(place) {
  const source = place.parentElement?.querySelector('script[type="application/json"]');
  const width = Math.floor(place.clientWidth);
  if (!source || width < 40) return;
  const before = drawn.get(place);
  if (before && before.width === width && before.text === source.textContent && before.host.isConnected) return;
  const mine = { width, text: source.textContent, host: document.createElement('div'), view: null };
  mine.host.setAttribute('aria-hidden', 'true'); // the sentence of the place and the table below are what is read
  drawn.set(place, mine);
  let spec = JSON.parse(mine.text);
  if (spec.vconcat) spec = sized(spec, width - 70); else spec.width = width;
  spec.config.font = getComputedStyle(place).fontFamily;
  try {
    const embed = await vega();
    const stage = document.createElement('div');
    const made = await embed(stage, spec, {
      actions: false, renderer: 'svg', ast: true, defaultStyle: false, tooltip: { disableDefaultStyle: true, id: 'plot-tip' },
    });
    if (drawn.get(place) !== mine) { made.finalize(); return; } // another width came meanwhile
    mine.view = made;
    mine.host.append(stage);
    place.replaceChildren(mine.host);
    place.dataset.drawn = '';
    before?.view?.finalize();
  } catch (fault) { // the table opens in its place
    console.error(fault);
    drawn.delete(place);
    place.hidden = true;
    place.parentElement.querySelector('details')?.setAttribute('open', '');
  }
}

const waiting = new WeakMap();
const width = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    if (!drawn.has(target)) continue;
    clearTimeout(waiting.get(target));
    waiting.set(target, setTimeout(() => draw(target), DELAY));
  }
});
const sight = new IntersectionObserver((changes) => {
  for (const change of changes) if (change.isIntersecting) { draw(change.target); width.observe(change.target); }
}, { rootMargin: '200px' });

function look() {
  for (const place of document.querySelectorAll('.plot[data-chart]')) {
    const mine = drawn.get(place);
    if (mine && !mine.host.isConnected) { drawn.delete(place); place.removeAttribute('data-drawn'); sight.unobserve(place); } else if (mine) draw(place);
    sight.observe(place);
  }
}

document.addEventListener('htmx:after:swap', look);
addEventListener('beforeprint', () => { for (const place of document.querySelectorAll('.plot[data-chart]')) draw(place); });
look();
