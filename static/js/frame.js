/* What only the frame does: it tells its host how tall it is and where its answer begins, and nothing else. */
addEventListener('DOMContentLoaded', () => {
  'use strict';
  if (window.parent === window) return;
  const STEP = 800;
  const { body } = document;
  const content = document.getElementById('isi');
  const listed = body.dataset.origins.split(' ').filter(Boolean);
  const around = location.ancestorOrigins?.[0];
  const asks = new URLSearchParams(location.search);
  const secret = new URLSearchParams(location.hash.replace(/^#\??/, '')).get('secret');
  // Where forms and our own address are forbidden (WordPress embeds) only the way to the site helps.
  const isStranger = window.origin === 'null';
  const toHost = (message) => window.parent.postMessage(message, '*');
  const say = (number) => {
    // A browser that does not name the host asks each listed one; only the right one hears it.
    listed.filter((each) => !around || each === around).forEach((each) => window.parent.postMessage(number, each));
  };
  const showCard = () => {
    content.innerHTML = '';
    content.append(document.getElementById('jalan').content.cloneNode(true));
  };
  if (isStranger) showCard();
  let told = 0;
  let pause = 0;
  let again;

  /* What was answered must not show in the height: every answer, nothing found too, takes at least
     what embed.css gives it, and beyond it whole steps. */
  const measured = () => {
    const answer = document.querySelector('#hasil[data-outcome=found], #hasil[data-outcome=not_found]');
    body.style.minHeight = '';
    body.classList.toggle('answered', Boolean(answer));
    if (!answer) return body.scrollHeight;
    const height = Math.ceil(body.scrollHeight / STEP) * STEP;
    body.style.minHeight = `${height}px`;
    return height;
  };

  /* Beside a scroll bar lines are shorter and the page is taller; with the height that it then asks
     for the bar goes, and host and frame would answer each other for ever. So it is measured without
     one, and has none where it fits. */
  const { style } = document.documentElement;
  const fit = (height) => { style.overflow = innerHeight < height ? '' : 'hidden'; };
  const settle = () => {
    style.overflow = 'hidden';
    const height = measured();
    fit(height);
    return height;
  };

  const tell = () => {
    const height = settle();
    try {
      window.requestResize?.();
    } catch {
      // The host is not listed, or does not size frames.
    }
    if (height !== told) pause = 50;
    // Browsers let a frame out of sight rest: it may learn its own size after it has loaded, and
    // WordPress keeps it out of sight until it has told one. And what is requested of a browser
    // that sizes frames itself may be lost while a page comes in.
    const isLost = !height || (window.requestResize && innerHeight !== height);
    clearTimeout(again);
    if (isLost && pause < 60000) {
      again = setTimeout(tell, pause);
      pause = pause * 2 || 50;
    }
    if (height === told) return;
    told = height;
    if (secret) toHost({ message: 'height', value: height, secret });
    else if (asks.get('amp') === '1') toHost({ sentinel: 'amp', type: 'embed-size', height });
    else say(height);
  };

  /* What the reader asked for begins where she looks. Browsers move the host's page themselves, but
     not all of them: there its script does. Whether it moves and how far is the same whatever was
     answered, so the eye goes to a mark above it and not to its words. */
  const bringIntoView = () => {
    const first = document.querySelector('.field-error') || document.getElementById('mulai');
    const go = () => {
      first.scrollIntoView({ block: 'center' });
      if (!secret && asks.get('amp') !== '1') say(-Math.round(content.getBoundingClientRect().top + scrollY + 1));
    };
    // Where a browser lets a frame out of sight rest, it does not say that it is.
    const late = setTimeout(go, 200);
    new IntersectionObserver(([{ intersectionRatio }], observer) => {
      observer.disconnect();
      clearTimeout(late);
      if (intersectionRatio < 1) go();
    }).observe(first);
  };

  // At once, so that no frame is drawn with an answer in it and not yet its height.
  new MutationObserver(tell).observe(content, { childList: true, subtree: true });
  new ResizeObserver(tell).observe(content);
  addEventListener('resize', () => fit(told));
  addEventListener('message', ({ source, data }) => {
    // The host's script, or that of WordPress, came later than what was told.
    if (source !== window.parent || (data !== 0 && data?.message !== 'ready')) return;
    told = 0;
    tell();
  });
  addEventListener('load', () => {
    tell();
    const [way] = performance.getEntriesByType('navigation');
    const before = document.referrer.startsWith(`${location.origin}/`) ? new URL(document.referrer).pathname : '';
    // Old browsers do not say how a page was come to.
    if (way?.type === 'navigate' && before.includes('/sematan')) bringIntoView();
  });
  document.addEventListener('htmx:after:settle', ({ detail: { task } }) => {
    tell();
    if (task.sourceElement.matches('form, a')) bringIntoView();
  });

  /* A sandbox without allow-popups swallows a press on a link that leads out, and says nothing:
     there its address stands below it, to be copied. */
  const offer = (way) => {
    const next = way.nextElementSibling;
    const field = next?.matches('.refused') ? next : document.createElement('input');
    Object.assign(field, { className: 'refused', readOnly: true, value: way.href });
    field.setAttribute('aria-label', way.textContent.trim());
    way.after(field);
    field.focus();
    field.select();
  };
  document.addEventListener('click', (event) => {
    const way = event.target.closest('a[target]');
    if (!way || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      // With noopener it would not say whether it was opened; null or, in Firefox, an error says no.
      window.open(way.href, '_blank').opener = null;
    } catch {
      offer(way);
    }
  });

  content.addEventListener('click', (event) => {
    const way = event.target.closest('a[href]');
    if (way && isStranger && secret) {
      event.preventDefault();
      toHost({ message: 'link', value: way.href, secret });
    }
    if (!event.target.closest('[type=submit]')) return;
    // A sandbox without allow-forms swallows the press and says nothing.
    let isSent = false;
    document.addEventListener('submit', () => { isSent = true; }, { once: true, capture: true });
    setTimeout(() => {
      if (isSent) return;
      showCard();
      content.querySelector('h1').focus();
    });
  });
});
