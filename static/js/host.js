/* For the page around the frame: gives it the height that it asks for, and shows the reader its answer. It reads one number. */
;(function () {
  // Old words, no empty line and no ampersand: CMSs and optimisers rewrite what they do not know.
  function each(act) { [].forEach.call(document.querySelectorAll('iframe[src*="/sematan"]'), act); }
  addEventListener('message', function (event) {
    var number = event.data;
    if (typeof number !== 'number') return;
    each(function (frame) {
      if (frame.contentWindow !== event.source || frame.src.indexOf(event.origin + '/') !== 0) return;
      if (number > 0) {
        var edges = getComputedStyle(frame).boxSizing === 'border-box' ? frame.offsetHeight - frame.clientHeight : 0;
        frame.style.setProperty('height', Math.min(Math.max(number, 150), 32000) + edges + 'px', 'important');
      } else if (0 > number) {
        var top = frame.getBoundingClientRect().top - number;
        if (top > 60) if (innerHeight > top + 40) return;
        frame.style.scrollMarginTop = innerHeight / 8 + number + 'px';
        frame.scrollIntoView();
        frame.style.scrollMarginTop = '';
      }
    });
  });
  // What a frame said before this script came, it says again.
  each(function (frame) { if (frame.contentWindow) frame.contentWindow.postMessage(0, '*'); });
})();
