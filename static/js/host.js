/* For the page around the frame: gives it the height that it asks for. Reads a number, nothing else. */
(() => {
  const site = new URL(document.currentScript.src).origin;
  if (CSS.supports('frame-sizing', 'content-height')) return;
  addEventListener('message', ({ origin, source, data }) => {
    if (origin !== site || typeof data !== 'number' || !(data > 0)) return;
    for (const frame of document.querySelectorAll('iframe')) {
      if (frame.contentWindow !== source) continue;
      const edges = getComputedStyle(frame).boxSizing === 'border-box' ? frame.offsetHeight - frame.clientHeight : 0;
      frame.style.height = `${Math.min(Math.max(data, 150), 32000) + edges}px`;
    }
  });
})();
