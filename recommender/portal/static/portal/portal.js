// What needs a script to work shows up with it.
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}
// What htmx leaves open: where focus goes when its button is gone (to the message, which floats so that nobody
// loses their place on the page, and from there to the row that took the place of the one that changed), what to
// do when the answer is another page (such as the sign-in page after a session has ended), and what to do when
// there is none: the form is sent again as if there were no script, so that the browser shows the error page.
// And the button of the filters leads to what they found already.
const ROW = ".card, .learning-row";
const STOPS = "a[href], button, input:not([type=hidden]), select, textarea, summary";
let left = null;
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target } = event.detail;
  const rows = [...target.querySelectorAll(ROW)];
  left = { region: `#${target.id}`, place: rows.indexOf(elt.closest(ROW)) };
});
document.addEventListener("keydown", (event) => {
  const messages = document.getElementById("messages");
  const last = [messages, ...messages.querySelectorAll(STOPS)].at(-1);
  if (!left || event.key !== "Tab" || event.shiftKey || document.activeElement !== last) {
    return;
  }
  const region = document.querySelector(left.region);
  const rows = region?.querySelectorAll(ROW) ?? [];
  const row = rows[Math.min(left.place, rows.length - 1)] ?? region;
  const stop = row?.querySelector(STOPS);
  left = null;
  if (stop) {
    event.preventDefault();
    stop.focus();
  }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest(".filter-actions button");
  if (button) {
    event.preventDefault();
    button.closest(".filters").open = false;
    document.querySelector(button.form.getAttribute("hx-target")).focus();
  }
});
document.addEventListener("htmx:afterSettle", () => {
  const messages = document.getElementById("messages");
  messages.classList.add("is-floating");
  if (document.activeElement === document.body) {
    messages.focus({ preventScroll: true });
  }
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) {
    return;
  }
  const answered = new URL(event.detail.xhr.responseURL);
  const asked = new URL(event.detail.requestConfig.path, window.location);
  if (![window.location.pathname, asked.pathname].includes(answered.pathname)) {
    event.detail.shouldSwap = false;
    window.location.assign(answered);
  }
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    const { elt, triggeringEvent } = event.detail.requestConfig;
    const form = elt.closest("form");
    if (form) {
      resend(form, triggeringEvent?.submitter);
    }
  });
}
function resend(form, button) {
  if (button?.name) {
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: button.name, value: button.value });
    form.append(chosen);
  }
  form.submit();
}
