// A slider beside a number field: either moves the other, and the value is said in words. The number is what is
// sent, so that nothing is needed of this without a script. An empty number stands for any sum.
for (const field of document.querySelectorAll("[data-slider]")) {
  const number = field.querySelector("[type=number]");
  const range = field.querySelector("[type=range]");
  const words = field.querySelector("output");
  const none = field.querySelector("[type=checkbox]");
  const say = () => {
    const { one, many, none: nothing } = field.dataset;
    const sentence = number.value === "1" ? one : many;
    words.value = number.value
      ? sentence.replace("%(n)s", Number(number.value).toLocaleString("en"))
      : nothing;
    range.setAttribute("aria-valuetext", words.value);
    if (none) {
      none.checked = !number.value;
    }
  };
  const follow = () => {
    range.value = number.value || range.max;
    say();
  };
  range.addEventListener("input", () => {
    number.value = range.value;
    say();
  });
  number.addEventListener("input", follow);
  none?.addEventListener("input", () => {
    number.value = none.checked ? "" : range.value;
    say();
  });
  follow();
  for (const control of field.querySelectorAll(".sliding")) {
    control.hidden = false;
  }
}
