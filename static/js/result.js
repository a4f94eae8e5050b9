/* What a result does while it is open: refreshing, and what can be kept, shared or cleared. */
const FIRST_WAIT = 30e3;
const LONGEST_WAIT = 300e3;
const LONGEST_GOODBYE = 2e3;
const LONGEST_PRESS = 9e3;
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

/* What the script has shown a refresh brings hidden, and a frame is drawn before it is shown again:
   it would flicker, and who stands on it with a keyboard would be thrown to the top of the page. */
const SHOWN = '[data-live], [data-print], [data-copy], [data-listen]';
const keepShown = (element, { attrName, newValue }) => attrName !== 'hidden' || newValue === null || !element.matches(SHOWN);

const show = (selector) => document.querySelectorAll(selector).forEach((each) => { each.hidden = false; });
const wake = () => {
  if (window.htmx) {
    htmx.registerExtension('shown', { htmx_before_morph_attr: keepShown });
    // Only a page that both scripts reached refreshes itself.
    show('[data-live]');
    document.querySelectorAll('[data-reload]').forEach((each) => { each.hidden = true; });
  }
  if (window.print) show('[data-print]');
  show('[data-copy]');
  showVoice();
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

const COPIED_FOR = 3e3;
const NAME = 'refused';

/* Everybody sees on the button that it was copied, and not only who hears it. */
const copied = (button) => {
  const label = one('span', button);
  const { done } = button.dataset;
  say(done);
  if (label.textContent === done) return;
  const before = label.textContent;
  // In the room of what stood there, so that nothing beside or below it moves.
  const { width, height } = label.getBoundingClientRect();
  label.style.minWidth = `${width}px`;
  label.style.minHeight = `${height}px`;
  label.textContent = done;
  setTimeout(() => {
    label.textContent = before;
    label.removeAttribute('style');
  }, COPIED_FOR);
};

/* Where copying is refused, as in the browsers of other apps, the text stands selected. */
const offer = (button) => {
  const next = button.nextElementSibling;
  const field = next && next.matches(`.${NAME}`) ? next : document.createElement('input');
  field.className = NAME;
  field.readOnly = true;
  field.value = button.dataset.copy;
  field.setAttribute('aria-label', button.textContent.trim());
  button.after(field);
  field.focus();
  field.select();
};
const copy = (button) => {
  const { clipboard } = navigator;
  const tried = clipboard ? clipboard.writeText(button.dataset.copy) : Promise.reject();
  return tried.then(() => copied(button), () => offer(button));
};

/* The phone's own sheet first; whoever closes it wants nothing else, any other failure goes on. */
const share = (link) => navigator.share({ url: link.dataset.share }).catch(({ name }) => {
  if (name !== 'AbortError') window.open(link.href, '_blank', 'noopener');
});

/* Reads aloud only with a voice of the device itself: no word of a claim goes to anybody's server.
   Android names languages as Java once did: its Indonesian is "in_ID". */
const FORMER = { in: 'id' };
const voice = () => {
  const { lang } = document.documentElement;
  const voices = window.speechSynthesis ? speechSynthesis.getVoices() : [];
  const speaks = (code) => (FORMER[code] || code) === lang;
  return voices.find((each) => each.localService && speaks(each.lang.slice(0, 2).toLowerCase()));
};
/* While it reads the button stops it. Kept here, because Safari forgets an utterance that nobody
   holds, and its end with it. */
let utterance;
const showVoice = () => {
  const hasVoice = Boolean(voice());
  document.querySelectorAll('[data-listen]').forEach((button) => {
    const [start, stop] = button.querySelectorAll('span');
    const reads = utterance?.text === button.dataset.listen;
    button.hidden = !hasVoice && !reads;
    start.hidden = reads;
    stop.hidden = !reads;
  });
};
const hush = () => {
  utterance = undefined;
  if (window.speechSynthesis) speechSynthesis.cancel();
  showVoice();
};
const listen = ({ dataset }) => {
  const stops = utterance?.text === dataset.listen;
  const own = voice();
  hush();
  if (stops || !own) return;
  utterance = new SpeechSynthesisUtterance(dataset.listen);
  utterance.voice = own;
  utterance.lang = own.lang;
  // A cancelled one may tell its end when the next already reads.
  const end = ({ target }) => {
    if (target === utterance) utterance = undefined;
    showVoice();
  };
  utterance.onend = end;
  utterance.onerror = end;
  showVoice();
  speechSynthesis.speak(utterance);
};
/* What the page says no longer is not read on. */
const isShown = ({ text }) => [...document.querySelectorAll('[data-listen]')].some(({ dataset }) => dataset.listen === text);

/* The screen is empty at once, its address too; the server is told, and not waited for long: a ticket ends by itself.
   A private address does not: where it is to end too, the browser sends the form, and the server's page says how it went. */
const clear = (form) => {
  const { clear: home, cleared } = form.dataset;
  const body = new URLSearchParams(new FormData(form));
  const said = Object.assign(document.createElement('p'), { role: 'status', textContent: cleared });
  const empty = (...rest) => {
    hush();
    document.body.innerHTML = '';
    document.body.append(said, ...rest);
    document.title = document.title.replace(/^.* · /, '');
    history.replaceState(null, '', home);
  };
  if (form.elements.matikan?.checked) {
    const { action } = form;
    form.hidden = true;
    empty(form);
    form.action = action;
    form.submit();
    return;
  }
  const told = fetch(form.action, { method: 'POST', body, keepalive: true, redirect: 'manual' });
  const late = new Promise((done) => { setTimeout(done, LONGEST_GOODBYE); });
  empty();
  Promise.race([told, late]).catch(() => {}).then(() => location.replace(home));
};

const place = '[data-place]';

on('htmx:before:swap', ({ detail: { ctx, tasks } }) => {
  // Who goes on waiting stays where they are, on a link or in the middle of a sentence.
  if (ctx.sourceElement.matches(place) && /data-place/.test(ctx.text)) tasks[0].swapSpec.style = 'outerMorph';
  if (ctx.response.status !== 204) return;
  if (ctx.hx.replaceurl) renew(ctx.hx.replaceurl);
  // What could not be reached before is reached again.
  const unreachable = one('[data-unreachable]');
  if (unreachable) unreachable.hidden = true;
  say();
});

on('htmx:after:settle', ({ detail: { task } }) => {
  const before = told;
  told = heading();
  if (told !== before) wait = FIRST_WAIT;
  // A refresh may let the voice go on; an answer to somebody else may not.
  if (utterance && (task.sourceElement.matches('form, a') || !isShown(utterance))) hush();
  // Of a time in the line the server says which change is spoken.
  if (!task.sourceElement.matches(`form, a, ${place}`)) say(told === before ? one('#hasil')?.dataset.news : told);
  // What stays asks again only once htmx takes hold of it anew.
  if (one(place)) htmx.process(one(place), true);
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

/* On a slow line people press again: each press would be another private address, of which few may be
   made, and the last one's page is what they see. */
let pressedAt = -LONGEST_PRESS;
on('submit', (event) => {
  const { target, timeStamp } = event;
  if (target.matches('#simpan form')) {
    if (timeStamp - pressedAt < LONGEST_PRESS) event.preventDefault();
    else pressedAt = timeStamp;
  }
  if (!('clear' in target.dataset)) return;
  event.preventDefault();
  clear(target);
});
addEventListener('pageshow', () => { pressedAt = -LONGEST_PRESS; });

on('click', ({ target }) => {
  const pressed = target.closest('[data-print], [data-copy], [data-listen]');
  if (!pressed) return;
  if ('print' in pressed.dataset) print();
  if ('copy' in pressed.dataset) copy(pressed);
  if ('listen' in pressed.dataset) listen(pressed);
});
on('click', (event) => {
  const link = event.target.closest('[data-share]');
  if (!link || !navigator.share) return;
  event.preventDefault();
  share(link);
});
addEventListener('pagehide', hush);
// Before Safari 16 it is no target of events: there a listener that is added ends the script.
if (window.speechSynthesis) speechSynthesis.onvoiceschanged = showVoice;

wake();
