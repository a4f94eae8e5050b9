/* What a form needs beyond htmx: focus, one spoken sentence, lost connections. */
(() => {
  'use strict';
  const one = (selector, within = document) => within.querySelector(selector);
  const on = (name, act) => document.addEventListener(name, act);
  const say = (text) => { one('#kabar').innerHTML = ''; one('#kabar').append(text || ''); };
  const isForm = (ctx) => ctx?.sourceElement?.matches?.('form');
  const LONGEST_PREPARATION = 2e3;

  /* Styles and script of a result come while the number is typed, so the first view need not carry them. */
  let prepared;
  const prepare = () => {
    prepared ||= new Promise((done) => {
      const { styles, script } = one('#kabar').dataset;
      const parts = [import(script)];
      if (!one(`link[href="${styles}"]`)) {
        const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: styles });
        parts.push(new Promise((loaded, failed) => { link.onload = loaded; link.onerror = failed; }));
        document.head.append(link);
      }
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

  on('focusin', ({ target }) => { if (target.matches('.field')) prepare(); });

  on('htmx:config:request', ({ detail: { ctx } }) => {
    if (!isForm(ctx)) return;
    const ready = prepare();
    ctx.fetch = (...request) => Promise.all([fetch(...request), ready]).then(([answer]) => answer);
  });

  on('htmx:before:request', ({ detail: { ctx } }) => {
    if (!isForm(ctx)) return;
    one('[data-trouble]', ctx.sourceElement).replaceChildren();
    say(one('#kabar').dataset.busy);
  });

  on('htmx:before:swap', (event) => {
    const { ctx } = event.detail;
    const { status } = ctx.response;
    // A page of a proxy or of a hotel's network is no answer of ours; and while a result
    // stands, a refusal to refresh it must not take it away.
    const replaces = isForm(ctx) || [200, 404, 410].includes(status);
    if (status === 204 || (replaces && ctx.text.includes('id="hasil"'))) return;
    event.preventDefault();
    noAnswer(ctx);
  });

  on('htmx:error', ({ detail }) => noAnswer(detail.ctx));

  on('htmx:after:settle', ({ detail: { task } }) => {
    const result = one('#hasil');
    const heading = result && one('h1', result);
    if (!heading) return;
    document.title = document.title.replace(/^.* · /, `${heading.textContent.trim()} · `);
    const tongue = one('#bahasa');
    if (tongue) tongue.href = result.dataset.tongue;
    wake();
    if (!task.sourceElement.matches('form')) return;
    say(result.dataset.say);
    // In a frame of another origin browsers ignore the attribute.
    const field = one('[autofocus]', result);
    if (!field) scrollTo(0, 0);
    (field || heading).focus({ preventScroll: !field });
  });

  on('click', ({ target }) => {
    const pressed = target.closest('[data-retry], [data-letters]');
    if (!pressed) return;
    if ('retry' in pressed.dataset) pressed.form.requestSubmit();
    else {
      one('#nomor').inputMode = 'text';
      one('#nomor').focus();
      pressed.hidden = true;
    }
  });

  addEventListener('pageshow', ({ persisted }) => {
    // A page kept by the browser must not show the next person what was typed.
    if (persisted) document.querySelectorAll('#nomor').forEach((field) => { field.value = ''; });
  });

  wake();
  if (one('#hasil')) prepare();
})();
