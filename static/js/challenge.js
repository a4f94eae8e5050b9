/* Does the guard's work in a worker, so that the page stays free; loaded only when it is asked. */
const encode = (value) => btoa(JSON.stringify(value));

/**
 * Solves the challenge of a form and sends it. Where a browser cannot work, the form's own
 * button and its wait remain. Leaving the form ends the work.
 */
export const work = (form) => {
  if (!window.Worker || !window.crypto?.subtle) return;
  const challenge = JSON.parse(form.dataset.challenge);
  const worker = new Worker(form.dataset.worker);
  const part = (name) => form.querySelector(`[data-${name}]`);
  const bar = form.querySelector('progress');
  const begun = performance.now();
  const show = (isWorking) => {
    part('working').hidden = !isWorking;
    part('waiting').hidden = isWorking;
  };
  // How long it takes cannot be known; the bar slows down towards its end and never stands still.
  const moving = setInterval(() => {
    if (!form.isConnected) return stop();
    bar.value = 100 * (1 - Math.exp((begun - performance.now()) / 4000));
    return undefined;
  }, 200);
  const stop = () => {
    clearInterval(moving);
    worker.terminate();
  };
  const giveUp = () => {
    stop();
    if (!form.isConnected) return;
    show(false);
    document.getElementById('kabar').textContent = part('waiting').firstElementChild.textContent;
  };
  worker.onmessage = ({ data }) => {
    if (!form.isConnected || !data || data.error) {
      giveUp();
      return;
    }
    stop();
    bar.value = 100;
    form.elements.altcha.value = encode({ challenge, solution: data });
    form.querySelector('[type=submit]').click();
  };
  worker.onerror = giveUp;
  show(true);
  addEventListener('pagehide', stop, { once: true });
  worker.postMessage({ type: 'work', challenge, counterMode: 'uint32', counterStart: 0, counterStep: 1, timeout: 110e3 });
};
