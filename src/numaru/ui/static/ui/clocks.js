// Clocks that count down: <span class="clock" data-until="2026-11-22T22:40:00+09:00">, with the server's words in it until the first tick.
// Under ten minutes m:ss, under an hour minutes, then hours and minutes; past it, by how much. Under data-warn seconds (600) the tone
// warns; past it, it is bad and said once (data-mine: at once; others when the reader pauses). data-now is the server's time, so that
// a wrong clock of this machine changes nothing. Nothing runs while the page is hidden.

const ko = document.documentElement.lang === 'ko';
const words = ko
  ? { h: '시간', min: '분', s: '초', left: '남음', over: '지남', breach: '기한이 지났습니다' }
  : { h: 'h', min: 'min', s: 's', left: 'left', over: 'over', breach: 'The deadline has passed' };
const offsets = new WeakMap();
let timer = 0;

function offset(clock) {
  if (!offsets.has(clock)) offsets.set(clock, clock.dataset.now ? Date.parse(clock.dataset.now) - Date.now() : 0);
  return offsets.get(clock);
}

function parts(seconds, passed) {
  if (passed && seconds < 60) return [[String(seconds), words.s]];
  if (!passed && seconds < 600) return [[`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`, '']];
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return [[String(minutes), words.min]];
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return [[String(Math.floor(hours / 24)), ko ? '일' : 'days']];
  return minutes % 60 ? [[String(hours), words.h], [String(minutes % 60), words.min]] : [[String(hours), words.h]];
}

function spoken(seconds, passed) {
  const minutes = Math.floor(seconds / 60);
  const said = seconds < 600 ? `${minutes ? `${minutes}${ko ? '' : ' '}${words.min} ` : ''}${seconds % 60}${ko ? '' : ' '}${words.s}`
    : parts(seconds, passed).map(([n, unit]) => `${n}${ko ? '' : ' '}${unit}`).join(' ');
  return `${said} ${passed ? words.over : words.left}`;
}

function announce(clock) {
  const line = document.createElement('p');
  line.className = 'visually-hidden';
  line.setAttribute('role', clock.dataset.mine === undefined ? 'status' : 'alert');
  document.body.append(line);
  line.textContent = [clock.dataset.label, words.breach].filter(Boolean).join(': ');
  setTimeout(() => line.remove(), 10000);
}

function show(clock) {
  const millis = Date.parse(clock.dataset.until) - (Date.now() + offset(clock));
  const passed = millis <= 0;
  const seconds = Math.floor(Math.abs(millis) / 1000);
  const nodes = [];
  for (const [figure, unit] of parts(seconds, passed)) {
    if (nodes.length) nodes.push(' ');
    nodes.push(figure);
    if (unit) { const small = document.createElement('small'); small.textContent = unit; nodes.push(small); }
  }
  if (passed) { const small = document.createElement('small'); small.textContent = ` ${words.over}`; nodes.push(small); }
  const before = clock.textContent;
  const fresh = nodes.map((n) => (typeof n === 'string' ? n : n.textContent)).join('');
  if (before !== fresh) clock.replaceChildren(...nodes);
  clock.setAttribute('role', 'timer');
  const said = spoken(seconds, passed); // read when it is reached, never by itself
  if (clock.getAttribute('aria-label') !== said) clock.setAttribute('aria-label', said);
  const was = clock.classList.contains('clock-bad');
  clock.classList.toggle('clock-bad', passed);
  clock.classList.toggle('clock-warn', !passed && (clock.classList.contains('clock-warn') || seconds < Number(clock.dataset.warn ?? 600)));
  if (passed && !was && clock.dataset.seen !== undefined) announce(clock);
  clock.dataset.seen = '';
  return !passed && seconds <= 600 ? (millis % 1000) + 1 : passed && seconds < 60 ? 1000 : 15000;
}

function tick() {
  clearTimeout(timer);
  if (document.hidden) return;
  let next = Infinity;
  for (const clock of document.querySelectorAll('.clock[data-until]')) next = Math.min(next, show(clock));
  if (next < Infinity) timer = setTimeout(tick, Math.min(next, 15000));
}

document.addEventListener('visibilitychange', tick);
document.addEventListener('htmx:after:swap', tick);
tick();
