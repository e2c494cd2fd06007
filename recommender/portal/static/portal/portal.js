// Two things that htmx leaves open: where focus goes when its button is gone, and what to do when the
// answer is another page (such as the sign-in page after a session has ended).
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body) {
    document.getElementById("messages").focus();
  }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const answered = new URL(event.detail.xhr.responseURL);
  if (answered.pathname !== window.location.pathname) {
    event.detail.shouldSwap = false;
    window.location.assign(answered);
  }
});
