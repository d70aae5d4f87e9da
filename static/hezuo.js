// Small conveniences; every page works without them.
"use strict";

document.addEventListener("click", (event) => {
  if (event.target.closest("[type=button][data-print]")) window.print();
});
// A paper is printed by sending its form; what comes back goes to the printer.
window.addEventListener("load", () => {
  if (document.body.hasAttribute("data-print-now")) window.print();
});

// Enter moves on to the next field inside forms that ask for it, as clerks expect at the window.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || !field.closest || !field.closest("form[data-enter-moves]")) return;
  if (!field.matches("input:not([type=submit]), select")) return;
  event.preventDefault();
  const form = field.closest("form");
  const fields = [...form.querySelectorAll("input, select, textarea, button")].filter(
    (one) => !one.disabled && one.type !== "hidden" && one.tabIndex >= 0 && one.offsetParent !== null,
  );
  const next = fields[fields.indexOf(field) + 1];
  if (next) {
    next.focus();
    if (next.select) next.select();
  }
});

// A form is sent once: while it is under way its buttons rest. The server knows the second click
// anyhow (desk/submissions.py). What stays on the page, such as a download, wakes up again.
const AWAKE_AFTER = 4000;
function rest(form) {
  form.dataset.sent = "yes";
  const buttons = [...form.querySelectorAll("button:not([type=button]), input[type=submit]")].filter((one) => !one.disabled);
  // After the event, so that the button's own name and value are still sent.
  setTimeout(() => {
    if (form.dataset.sent) buttons.forEach((one) => (one.disabled = true));
  });
  form.wake = () => {
    delete form.dataset.sent;
    buttons.forEach((one) => (one.disabled = false));
  };
  setTimeout(form.wake, AWAKE_AFTER);
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("data-resubmit")) return;
  if (form.dataset.sent) event.preventDefault();
  else rest(form);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => form.wake && form.wake());
});

// Digits typed with a Chinese keyboard become plain ones as soon as the field is left.
document.addEventListener(
  "change",
  (event) => {
    if (!event.target.matches("input[inputmode], input[name$=resident_id]")) return;
    const plain = event.target.value.normalize("NFKC").replaceAll("。", ".").trim();
    if (plain !== event.target.value) event.target.value = plain;
  },
  true,
);

// What was refused is where the work goes on.
document.addEventListener("DOMContentLoaded", () => {
  const wrong = document.querySelector(".is-invalid:not([type=hidden])");
  if (!wrong) return;
  wrong.focus();
  if (wrong.select) wrong.select();
});

// Questions before what cannot be undone.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const question = (button && button.dataset.confirm) || event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    if (event.target.wake) event.target.wake();
  }
});

// Ticking every row of a table.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-check-all]")) return;
  const table = event.target.closest("table");
  table.querySelectorAll("tbody input[type=checkbox]").forEach((box) => {
    box.checked = event.target.checked;
  });
});

// Alt and a letter presses the button or link of that accesskey, in every browser alike: Firefox
// would want Shift as well. Where the browser has done it already, the event says so.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || !event.altKey || event.ctrlKey || event.metaKey) return;
  const target = [...document.querySelectorAll("[accesskey]")].find(
    (one) => one.accessKey === event.key.toLowerCase() && one.offsetParent !== null && !one.disabled,
  );
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.click();
});
