/* What the pages do beyond htmx: focus, one spoken sentence, lost connections, refreshing. */
(() => {
  'use strict';
  const FIRST_WAIT = 30e3;
  const LONGEST_WAIT = 300e3;
  const one = (selector, within = document) => within.querySelector(selector);
  const on = (name, act) => document.addEventListener(name, act);
  const say = (text) => { one('#kabar').innerHTML = ''; one('#kabar').append(text || ''); };
  const isForm = (ctx) => ctx?.sourceElement?.matches?.('form');

  let wait = FIRST_WAIT;
  let timer;
  let checkedAt = Date.now();
  let told = '';

  const check = () => document.body.dispatchEvent(new Event('perbarui'));
  const plan = () => {
    clearTimeout(timer);
    if (!document.hidden && one('#hasil[hx-get]')) timer = setTimeout(check, wait);
  };
  const slowDown = () => { wait = Math.min(wait * 1.6, LONGEST_WAIT); };

  const show = (selector) => document.querySelectorAll(selector).forEach((each) => { each.hidden = false; });
  let dressed;
  const dress = () => {
    if (one('link[href*="/claim."]')) return dressed;
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = one('#kabar').dataset.styles;
    dressed = new Promise((done) => { link.onload = done; link.onerror = done; setTimeout(done, 2e3); });
    document.head.append(link);
    return dressed;
  };

  const wake = () => {
    show('[data-print]');
    if (navigator.clipboard) show('[data-copy], [data-share]');
    if (navigator.share) show('[data-share]');
    // A private address remembers what was seen, so that the next visit tells what is new.
    const seen = one('#hasil[data-address]');
    if (seen) history.replaceState(history.state, '', seen.dataset.address);
    const field = one('#nomor');
    const letters = one('[data-letters]');
    if (field && letters && !/[a-z]/i.test(field.value)) {
      field.inputMode = 'numeric';
      letters.hidden = false;
    }
    const challenge = one('form[data-challenge]');
    if (challenge) import(challenge.dataset.driver).then(({ work }) => work(challenge), () => {});
    plan();
  };

  const noAnswer = (ctx) => {
    const unreachable = one('[data-unreachable]');
    if (isForm(ctx)) {
      const block = one('#putus').content.cloneNode(true);
      const kind = navigator.onLine ? 'offline' : 'unanswered';
      one(`[data-when=${kind}]`, block).remove();
      say(one('h2', block).textContent);
      one('[data-trouble]', ctx.sourceElement).replaceChildren(block);
      one('[data-retry]').focus();
    } else if (unreachable) {
      unreachable.hidden = false;
    }
  };

  /* An open page outlives its ticket: a check may bring a new one, with or without news. */
  const renew = (address) => {
    const before = one('#hasil').getAttribute('hx-get').split('/').pop();
    const ticket = address.split('/').pop();
    document.querySelectorAll('[hx-get], [href], [action], [name=tiket]').forEach((each) => {
      for (const { name, value } of each.attributes) {
        if (value.includes(before)) each.setAttribute(name, value.replace(before, ticket));
      }
    });
  };

  const copy = ({ dataset }, text) => navigator.clipboard.writeText(text).then(() => say(dataset.done), () => {});
  const share = (button) => {
    if (!navigator.share) return copy(button, button.dataset.share);
    return navigator.share({ url: button.dataset.share }).catch(() => {});
  };

  const clear = async (form) => {
    document.body.replaceChildren();
    try { await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)) }); } catch { /* it ends by itself */ }
    location.replace(form.dataset.clear);
  };

  const stillTrue = () => {
    const time = one('[data-checked]');
    if (!time) return;
    const now = new Intl.DateTimeFormat(document.documentElement.lang, {
      hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: time.dataset.zone,
    });
    time.textContent = time.textContent.replace(/\d+\D\d+/, now.format());
    one('[data-unreachable]').hidden = true;
  };

  // The styles of a result come while the number is typed, so the first view need not carry them.
  on('focusin', ({ target }) => { if (target.matches('.field')) dress(); });

  on('htmx:config:request', ({ detail: { ctx } }) => {
    if (!isForm(ctx)) return;
    const styled = dress();
    ctx.fetch = (...request) => Promise.all([fetch(...request), styled]).then(([answer]) => answer);
  });

  on('htmx:before:request', ({ detail: { ctx } }) => {
    if (!isForm(ctx)) return;
    one('[data-trouble]', ctx.sourceElement).replaceChildren();
    say(one('#kabar').dataset.busy);
  });

  on('htmx:before:swap', (event) => {
    const { ctx } = event.detail;
    const { status } = ctx.response;
    if (status === 204) {
      if (ctx.hx.replaceurl) renew(ctx.hx.replaceurl);
      return stillTrue();
    }
    // A page of a proxy or of a hotel's network is no answer of ours; and while a result
    // stands, a refusal to refresh it must not take it away.
    const replaces = isForm(ctx) || [200, 404, 410].includes(status);
    if (replaces && ctx.text.includes('id="hasil"')) return undefined;
    event.preventDefault();
    return noAnswer(ctx);
  });

  on('htmx:error', ({ detail }) => noAnswer(detail.ctx));

  on('htmx:after:settle', ({ detail: { task } }) => {
    const result = one('#hasil');
    const heading = result && one('h1', result);
    if (!heading) return;
    document.title = document.title.replace(/^.* · /, `${heading.textContent.trim()} · `);
    const tongue = one('#bahasa');
    if (tongue) tongue.href = result.dataset.tongue;
    const before = told;
    told = heading.textContent.trim();
    if (told !== before) wait = FIRST_WAIT;
    wake();
    if (!task.sourceElement.matches('form')) return say(told === before ? result.dataset.news : told);
    say(result.dataset.say);
    const field = one('[autofocus]', result);
    // In a frame of another origin browsers ignore the attribute.
    if (field) return field.focus();
    scrollTo(0, 0);
    return heading.focus({ preventScroll: true });
  });

  on('htmx:finally:request', ({ detail: { ctx } }) => {
    // By now htmx names the target in place of a form that its answer has replaced.
    if (ctx.sourceElement?.id !== 'hasil') return;
    checkedAt = Date.now();
    slowDown();
    plan();
  });

  on('visibilitychange', () => {
    if (!document.hidden && one('#hasil[hx-get]') && Date.now() - checkedAt > FIRST_WAIT) {
      wait = FIRST_WAIT;
      check();
    } else plan();
  });

  addEventListener('online', () => { if (one('#hasil[hx-get]')) check(); });

  on('submit', (event) => {
    if (!('clear' in event.target.dataset)) return;
    event.preventDefault();
    clear(event.target);
  });

  on('click', (event) => {
    const pressed = event.target.closest('[data-retry], [data-letters], [data-print], [data-share], [data-copy]');
    if (!pressed) return;
    const { dataset } = pressed;
    if ('retry' in dataset) pressed.form?.requestSubmit?.();
    if ('print' in dataset) print();
    if ('share' in dataset) share(pressed);
    if ('copy' in dataset) copy(pressed, dataset.copy);
    if ('letters' in dataset) {
      one('#nomor').inputMode = 'text';
      one('#nomor').focus();
      pressed.hidden = true;
    }
  });

  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    // A page kept by the browser must not show the next person what was typed.
    document.querySelectorAll('#nomor').forEach((field) => { field.value = ''; });
    plan();
  });

  told = one('h1').textContent.trim();
  wake();
})();
