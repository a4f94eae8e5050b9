/* What only the frame does: it tells its host how tall it is, and nothing else. */
addEventListener('DOMContentLoaded', () => {
  'use strict';
  if (window.parent === window) return;
  // Where forms and our own address are forbidden (WordPress embeds) only the way to the site helps.
  if (window.origin === 'null') {
    document.getElementById('isi').replaceChildren(document.getElementById('kartu').content);
  }
  const STEP = 800;
  const MOST_CLAIMS = 12;
  const { body } = document;
  const content = document.getElementById('isi');
  const listed = body.dataset.origins.split(' ').filter(Boolean);
  const around = location.ancestorOrigins?.[0] || (document.referrer && new URL(document.referrer).origin);
  const asks = new URLSearchParams(location.search);
  const secret = new URLSearchParams(location.hash.replace(/^#\??/, '')).get('secret');
  let told = 0;

  /* What was answered must not show in the height: an answer takes at least what embed.css gives
     its number of claims, nothing found as much as one, and beyond it whole steps. */
  const settle = () => {
    const answer = document.querySelector('#hasil[data-outcome=found], #hasil[data-outcome=not_found]');
    body.className = body.className.replace(/ answers-\d+/, '');
    body.style.minHeight = '';
    if (!answer) return body.scrollHeight;
    const claims = answer.querySelectorAll('.claim').length || 1;
    body.className += ` answers-${Math.min(claims, MOST_CLAIMS)}`;
    const height = Math.ceil(body.scrollHeight / STEP) * STEP;
    body.style.minHeight = `${height}px`;
    return height;
  };

  const tell = () => {
    const height = settle();
    try {
      window.requestResize?.();
    } catch {
      // The host is not listed, or does not size frames.
    }
    if (height === told) return;
    told = height;
    if (secret) window.parent.postMessage({ message: 'height', value: height, secret }, '*');
    else if (asks.get('amp') === '1') window.parent.postMessage({ sentinel: 'amp', type: 'embed-size', height }, '*');
    else if (listed.includes(around)) window.parent.postMessage(height, around);
  };
  // At once, so that no frame is drawn with an answer in it and not yet its height.
  new MutationObserver(tell).observe(content, { childList: true, subtree: true });
  new ResizeObserver(tell).observe(content);
  addEventListener('load', tell);
  document.addEventListener('htmx:after:settle', tell);
});
