/* On the page for those who embed: one press copies; where that is refused, all of it is selected. */
document.querySelectorAll('[data-copies]').forEach((button) => {
  const text = document.getElementById(button.dataset.copies);
  const rest = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const { done, refused } = button.dataset;
    text.focus();
    text.select();
    const copied = navigator.clipboard ? navigator.clipboard.writeText(text.value) : Promise.reject(new Error());
    const said = await copied.then(() => done, () => refused);
    document.getElementById('kabar-salin').textContent = said;
    button.textContent = said;
    setTimeout(() => { button.textContent = rest; }, 4000);
  });
});
