/* What a form needs beyond htmx: focus, one spoken sentence, lost connections.
   Written for Chrome 80 and iOS 13.4 on: where those cannot read htmx, forms go as forms do. */
(() => {
  'use strict';
  const one = (selector, within = document) => within.querySelector(selector);
  const on = (name, act) => document.addEventListener(name, act);
  const say = (text) => { one('#kabar').innerHTML = ''; one('#kabar').append(text || ''); };
  const press = (form) => one('[type=submit]', form).click();
  const isForm = (ctx) => ctx?.sourceElement?.matches?.('form');
  const LONGEST_PREPARATION = 2e3;
  const LONGEST_START = 9e3;
  const PAUSE_OF_THE_LOST = 15e3;

  const load = (tag, attributes) => new Promise((onload, onerror) => {
    document.head.append(Object.assign(document.createElement(tag), { ...attributes, onload, onerror }));
  });

  /* htmx, and styles and script of a result, come while the number is typed: no first view carries them. */
  let started = window.htmx && Promise.resolve();
  const start = () => {
    const { htmx: src, integrity } = one('#kabar').dataset;
    // htmx takes hold of the page in a task of its own.
    started = started || load('script', { src, integrity }).then(() => new Promise((done) => { setTimeout(done); }));
    started.catch(() => { started = undefined; });
    return started;
  };

  let prepared;
  const prepare = () => {
    prepared = prepared || new Promise((done) => {
      const { styles, script } = one('#kabar').dataset;
      const parts = [start(), import(script)];
      if (!one(`link[href="${styles}"]`)) parts.push(load('link', { rel: 'stylesheet', href: styles }));
      Promise.all(parts).catch(() => { prepared = undefined; }).then(done);
      setTimeout(done, LONGEST_PREPARATION);
    });
    return prepared;
  };

  const wake = () => {
    const field = one('#nomor');
    const letters = one('[data-letters]');
    if (field && letters && !/[a-z]/i.test(field.value)) {
      field.inputMode = 'numeric';
      letters.hidden = false;
    }
    const challenge = one('form[data-challenge]');
    if (challenge) import(challenge.dataset.driver).then(({ work }) => work(challenge), () => {});
  };

  const trouble = (form) => {
    const { unanswered, offline } = one('#kabar').dataset;
    const block = one('#putus').content.cloneNode(true);
    const heading = one('h2', block);
    heading.textContent = navigator.onLine ? unanswered : offline;
    say(heading.textContent);
    const place = one('[data-trouble]', form);
    place.innerHTML = '';
    place.append(block);
    one('[data-retry]').focus();
  };

  /* A place in the line asks again for what was lost: else the page that says that the answer comes
     by itself would stand still. */
  const askAgain = () => one('[data-place]')?.dispatchEvent(new Event('lagi'));
  let lost = 0;

  const noAnswer = (ctx) => {
    if (ctx?.sourceElement?.matches?.('[data-place]')) setTimeout(askAgain, PAUSE_OF_THE_LOST * Math.min(lost += 1, 4));
    const unreachable = one('[data-unreachable]');
    if (isForm(ctx)) {
      trouble(ctx.sourceElement);
    } else if (ctx?.sourceElement?.matches?.('a')) {
      location.href = ctx.sourceElement.href;
    } else if (unreachable?.hidden) {
      unreachable.hidden = false;
      say(unreachable.textContent);
    }
  };

  on('focusin', ({ target }) => { if (target.matches('.field')) prepare(); });

  /* The end of the page is out of sight for a frame while an answer takes its place, and so never jumps. */
  const swapping = document.body.classList;
  const stepAside = () => new Promise((done) => {
    swapping.add('swapping');
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 100);
  });
  on('htmx:finally:request', () => requestAnimationFrame(() => swapping.remove('swapping')));

  /* A press before htmx is there waits for it; where it does not come, the second press goes without. */
  let held;
  let failed;
  on('submit', (event) => {
    const form = event.target;
    if (!form.matches('[hx-post]:not([data-htmx-powered])')) return;
    event.preventDefault();
    if (held) return;
    held = true;
    form.classList.add('htmx-request');
    const late = new Promise((_, refuse) => { setTimeout(refuse, LONGEST_START); });
    Promise.race([start(), late]).finally(() => {
      held = false;
      form.classList.remove('htmx-request');
    }).then(() => {
      if (form.dataset.htmxPowered) press(form);
      else form.submit();
    }, () => {
      if (failed) form.submit();
      failed = true;
      trouble(form);
    });
  });

  on('htmx:config:request', ({ detail: { ctx } }) => {
    if (!isForm(ctx)) return;
    const ready = prepare();
    ctx.fetch = (...request) => Promise.all([fetch(...request), ready]).then(([answer]) => stepAside().then(() => answer));
  });

  let typed = [];
  on('htmx:before:request', ({ detail: { ctx } }) => {
    if (!isForm(ctx)) return;
    one('[data-trouble]', ctx.sourceElement).innerHTML = '';
    typed = ctx.sourceElement.querySelectorAll('.field');
    say(one('#kabar').dataset.busy);
  });

  /* Where a proxy drops headers that it does not know, a whole page comes for a part of one. */
  on('htmx:after:request', (event) => {
    const { ctx } = event.detail;
    const { redirected, url } = ctx.response.raw;
    if (!ctx.text.includes('<main')) return;
    ctx.select = '#isi > *';
    if (!redirected) return;
    // Only as a page it comes again by itself, if it is one of those that wait.
    event.preventDefault();
    location.href = url;
  });

  on('htmx:before:swap', (event) => {
    const { ctx } = event.detail;
    const { status } = ctx.response;
    // A page of a proxy or of a hotel's network is no answer of ours; and while a result
    // stands, a refusal to refresh it must not take it away.
    const waits = ctx.sourceElement.matches?.('[data-place]') && status < 500;
    const replaces = isForm(ctx) || waits || [200, 404, 410].includes(status);
    if (status === 204 || (replaces && /id="(hasil|lacak)"/.test(ctx.text))) return;
    event.preventDefault();
    noAnswer(ctx);
  });

  on('htmx:error', ({ detail }) => noAnswer(detail.ctx));

  on('htmx:after:settle', ({ detail: { task } }) => {
    const result = one('#hasil');
    const answer = result || one('#isi');
    const heading = one('h1', answer);
    if (!heading) return;
    if (lost) say();
    lost = 0;
    // The page of an accident knows nothing of what was typed.
    if (result?.dataset.error) typed.forEach(({ id, value }) => { if (one(`#${id}`)) one(`#${id}`).value = value; });
    typed = [];
    document.title = document.title.replace(/^.* · /, `${heading.dataset.title || heading.textContent.trim()} · `);
    const tongues = (result?.dataset.tongue || '').split(' ');
    document.querySelectorAll('.tongue').forEach((tongue, n) => { if (tongues[n]) tongue.href = tongues[n]; });
    wake();
    if (!task.sourceElement.matches('form, a, [data-place]')) return;
    const waits = task.sourceElement.matches('[data-place]') && result?.dataset.place;
    if (!waits || result.dataset.say) say(result?.dataset.say);
    // Who goes on waiting keeps focus and sight where they are.
    if (waits) return;
    // In a frame of another origin browsers ignore the attribute.
    const field = one('[autofocus]', answer);
    if (!field) scrollTo(0, 0);
    (field || heading).focus({ preventScroll: !field });
  });

  on('click', ({ target }) => {
    const pressed = target.closest('[data-retry], [data-letters]');
    if (!pressed) return;
    if ('retry' in pressed.dataset) press(pressed.form);
    else {
      one('#nomor').inputMode = 'text';
      one('#nomor').focus();
      pressed.hidden = true;
    }
  });

  addEventListener('online', askAgain);

  addEventListener('popstate', ({ state }) => { if (state?.htmx && !window.htmx) location.reload(); });

  addEventListener('pageshow', ({ persisted }) => {
    // A page kept by the browser must not show the next person what was typed.
    if (persisted) document.querySelectorAll('.lookup .field').forEach((field) => { field.value = ''; });
  });

  wake();
  if (one('#hasil')) prepare();
})();
