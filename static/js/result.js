/* What a result does while it is open: refreshing, and what can be kept, shared or cleared. */
const FIRST_WAIT = 30e3;
const LONGEST_WAIT = 300e3;
const LONGEST_GOODBYE = 2e3;
const one = (selector, within = document) => within.querySelector(selector);
const on = (name, act) => document.addEventListener(name, act);
const say = (text) => { one('#kabar').innerHTML = ''; one('#kabar').append(text || ''); };
const heading = () => one('h1')?.textContent.trim();
const isLive = () => one('#hasil[hx-get]') !== null;

let wait = FIRST_WAIT;
let timer;
let checkedAt = Date.now();
let told = heading();

const check = () => document.body.dispatchEvent(new Event('perbarui'));
const plan = () => {
  clearTimeout(timer);
  if (!document.hidden && isLive()) timer = setTimeout(check, wait);
};

const show = (selector) => document.querySelectorAll(selector).forEach((each) => { each.hidden = false; });
const wake = () => {
  if (window.htmx) {
    // Only a page that both scripts reached refreshes itself.
    show('[data-live]');
    document.querySelectorAll('[data-reload]').forEach((each) => { each.hidden = true; });
  }
  if (window.print) show('[data-print]');
  if (navigator.clipboard) show('[data-copy], [data-share]');
  if (navigator.share) show('[data-share]');
  // A private address remembers what was seen, so that the next visit tells what is new.
  const seen = one('#hasil[data-address]');
  if (seen) history.replaceState(history.state, '', seen.dataset.address);
  plan();
};

/* An open page outlives its ticket: a check may bring a new one, with or without news. */
const renew = (address) => {
  const [before, ticket] = [one('#hasil').getAttribute('hx-get'), address].map((each) => each.split('?')[0].split('/').pop());
  document.querySelectorAll('[hx-get], [href], [action], [name=tiket]').forEach((each) => {
    for (const { name, value } of each.attributes) {
      if (value.includes(before)) each.setAttribute(name, value.replace(before, ticket));
    }
  });
};

/* The answer says when it was made: a phone's own clock may be wrong. */
const stillTrue = (date) => {
  const time = one('[data-checked]');
  if (!time) return;
  one('[data-unreachable]').hidden = true;
  const then = new Date(date);
  if (!date || Number.isNaN(then.valueOf())) return;
  const written = new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: time.dataset.zone,
  });
  time.textContent = time.textContent.replace(/\d\d\D\d\d/, written.format(then));
};

const copy = ({ dataset }, text) => navigator.clipboard.writeText(text).then(() => say(dataset.done), () => {});
const share = (button) => {
  if (!navigator.share) return copy(button, button.dataset.share);
  return navigator.share({ url: button.dataset.share }).catch(() => {});
};

/* The screen is empty at once, its address too; the server is told, and not waited for long: a ticket ends by itself. */
const clear = (form) => {
  const { clear: home, cleared } = form.dataset;
  const body = new URLSearchParams(new FormData(form));
  const told = fetch(form.action, { method: 'POST', body, keepalive: true, redirect: 'manual' });
  const late = new Promise((done) => { setTimeout(done, LONGEST_GOODBYE); });
  const said = Object.assign(document.createElement('p'), { role: 'status', textContent: cleared });
  document.body.replaceChildren(said);
  document.title = document.title.replace(/^.* · /, '');
  history.replaceState(null, '', home);
  Promise.race([told, late]).catch(() => {}).then(() => location.replace(home));
};

on('htmx:before:swap', ({ detail: { ctx } }) => {
  if (ctx.response.status !== 204) return;
  if (ctx.hx.replaceurl) renew(ctx.hx.replaceurl);
  stillTrue(ctx.response.headers.get('Date'));
});

on('htmx:after:settle', ({ detail: { task } }) => {
  const before = told;
  told = heading();
  if (told !== before) wait = FIRST_WAIT;
  if (!task.sourceElement.matches('form')) say(told === before ? one('#hasil')?.dataset.news : told);
  wake();
});

on('htmx:finally:request', ({ detail: { ctx } }) => {
  // By now htmx names the target in place of a form that its answer has replaced.
  if (ctx.sourceElement?.id !== 'hasil') return;
  checkedAt = Date.now();
  wait = Math.min(wait * 1.6, LONGEST_WAIT);
  plan();
});

on('visibilitychange', () => {
  if (!document.hidden && isLive() && Date.now() - checkedAt > FIRST_WAIT) {
    wait = FIRST_WAIT;
    check();
  } else plan();
});

addEventListener('online', () => { if (isLive()) check(); });
addEventListener('pageshow', ({ persisted }) => { if (persisted) plan(); });

on('submit', (event) => {
  if (!('clear' in event.target.dataset)) return;
  event.preventDefault();
  clear(event.target);
});

on('click', ({ target }) => {
  const pressed = target.closest('[data-print], [data-share], [data-copy]');
  if (!pressed) return;
  if ('print' in pressed.dataset) print();
  if ('share' in pressed.dataset) share(pressed);
  if ('copy' in pressed.dataset) copy(pressed, pressed.dataset.copy);
});

wake();
