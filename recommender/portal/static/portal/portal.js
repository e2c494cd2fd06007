// Two things that htmx leaves open: where focus goes when its button is gone (to the message, which floats
// so that nobody loses their place on the page), and what to do when the answer is another page (such as the
// sign-in page after a session has ended).
document.addEventListener("htmx:afterSettle", () => {
  const messages = document.getElementById("messages");
  messages.classList.add("is-floating");
  if (document.activeElement === document.body) {
    messages.focus({ preventScroll: true });
  }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL);
  if (answered.pathname !== window.location.pathname) {
    event.detail.shouldSwap = false;
    window.location.assign(answered);
  }
});
