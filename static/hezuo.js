// Small conveniences; every page works without them.
"use strict";

document.addEventListener("click", (event) => {
  if (event.target.closest("[type=button][data-print]")) window.print();
});
// A paper is printed by sending its form; what comes back goes to the printer.
window.addEventListener("load", () => {
  if (document.body.hasAttribute("data-print-now")) window.print();
});

// Enter moves on to the next field, as clerks expect at the window: in forms that ask for it, and
// in every other that changes something and has three fields or more, which Enter would send half
// filled in. A question of one or two fields is sent at once.
// What a folded part holds has a place on the page and takes no focus.
const isShown = (one) => one.offsetParent !== null && !one.closest("details:not([open]) > :not(summary)");
const isTyped = "input:not([type=hidden], [type=checkbox], [type=radio], [type=submit]), select, textarea";
function enterMoves(form) {
  if (!form || form.method !== "post" || !form.closest("main")) return false;
  return form.hasAttribute("data-enter-moves") || [...form.querySelectorAll(isTyped)].filter(isShown).length > 2;
}
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || !field.matches || !enterMoves(field.form)) return;
  if (!field.matches("input:not([type=submit], [type=file]), select")) return;
  event.preventDefault();
  const form = field.form;
  const fields = [...form.querySelectorAll("input, select, textarea, button")].filter(
    (one) => !one.disabled && one.type !== "hidden" && one.tabIndex >= 0 && isShown(one),
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

// What was refused stands beside its input until that is changed.
document.addEventListener("input", (event) => {
  const cell = event.target.closest("td");
  if (!cell) return;
  event.target.classList.remove("is-invalid");
  cell.querySelectorAll("[data-said]").forEach((said) => said.replaceChildren());
});

// What was refused is where the work goes on.
document.addEventListener("DOMContentLoaded", () => {
  const wrong = document.querySelector(".is-invalid:not([type=hidden])");
  if (!wrong) return;
  wrong.focus();
  if (wrong.select) wrong.select();
});

// A page that is typed into begins in its first empty field, unless the page itself says where.
window.addEventListener("load", () => {
  const isSaid = document.querySelector("main [autofocus], main .is-invalid") || location.hash;
  if (isSaid || !document.querySelector("[data-typed]") || document.activeElement !== document.body) return;
  const fields = [...document.querySelectorAll("main form[method=post] *")].filter((one) => one.matches(isTyped) && isShown(one));
  const field = fields.find((one) => !one.disabled && !one.value);
  if (field) field.focus();
});

// A list begins at its first row; one that lies below what its page is about does not hide that.
window.addEventListener("load", () => {
  const [opened] = performance.getEntriesByType("navigation");
  if (!scrollY || (opened && opened.type !== "navigate") || !document.activeElement.matches(".hz-list [autofocus]")) return;
  document.getElementById("main").focus({ preventScroll: true });
  scrollTo(0, 0);
});

// A page that answers a form is no place to come back to: the browser would show its own error.
// The way back leads to the form, as it was before it was sent.
if (document.body.hasAttribute("data-posted")) {
  const from = new URL(document.referrer || location.href);
  const elsewhere = from.origin === location.origin && from.pathname !== location.pathname;
  document.querySelectorAll("form:not([action])").forEach((form) => (form.action = location.href));
  history.replaceState(history.state, "", elsewhere ? from.href : location.href);
}

// Questions before what cannot be undone; what is ticked is told with its number and sum, and
// [name] with what was typed into that field.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const asked = (button && button.dataset.confirm) || event.target.dataset.confirm;
  const typed = (_, name) => event.target.elements[name]?.value || "（未填）";
  const question = asked && [tally(event.target), asked.trim().replace(/\[([\w-]+)\]/g, typed)].filter(Boolean).join("。");
  if (question && !window.confirm(question)) {
    event.preventDefault();
    if (event.target.wake) event.target.wake();
  }
});

// A question that only the server can put, because it has to compute first: the form is sent with
// the action `data-asks`; plain text is the question, a page says what is wrong, as 试算 shows it.
document.addEventListener("submit", async (event) => {
  const [form, button] = [event.target, event.submitter];
  if (!button || !button.dataset.asks || form.dataset.agreed) return;
  event.preventDefault();
  const sent = new FormData(form, button);
  sent.set(button.name, button.dataset.asks);
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body: sent });
  const isQuestion = (answer.headers.get("Content-Type") || "").startsWith("text/plain");
  if (!isQuestion) {
    form.requestSubmit(form.querySelector("[name=action][value=preview]"));
  } else if (window.confirm(await answer.text())) {
    form.dataset.agreed = "yes";
    form.requestSubmit(button);
  }
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-agreed]").forEach((form) => delete form.dataset.agreed);
});

// The items that match what is typed, under the field: arrows choose, Enter or a click takes.
function offersOf(field) {
  return field.matches && field.matches("[role=combobox]") ? document.getElementById(field.getAttribute("aria-controls")) : null;
}
function showOffers(field, isOpen) {
  const list = offersOf(field);
  if (!list) return;
  list.hidden = !isOpen || !list.children.length;
  field.setAttribute("aria-expanded", String(!list.hidden));
  if (list.hidden) chooseOffer(field, null);
}
function chooseOffer(field, offer) {
  offersOf(field).querySelectorAll("[aria-selected=true]").forEach((one) => one.setAttribute("aria-selected", "false"));
  if (offer) {
    offer.setAttribute("aria-selected", "true");
    offer.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", offer.id);
  } else field.removeAttribute("aria-activedescendant");
}
function takeOffer(field, offer) {
  field.value = offer.dataset.value;
  showOffers(field, false);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
document.addEventListener("htmx:afterSwap", (event) => {
  const field = document.activeElement;
  if (field && offersOf(field) === event.target) showOffers(field, true);
});
document.addEventListener(
  "keydown",
  (event) => {
    const field = event.target;
    const list = offersOf(field);
    if (!list || list.hidden) return;
    const offers = [...list.children];
    const at = offers.findIndex((one) => one.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = at < 0 && step < 0 ? -1 : at + step;
      chooseOffer(field, offers.at(next % offers.length));
    } else if (event.key === "Enter" && at >= 0) takeOffer(field, offers[at]); // and goes on to the next field
    else if (event.key === "Escape") showOffers(field, false);
  },
  true,
);
document.addEventListener("mousedown", (event) => {
  const offer = event.target.closest("[role=listbox] [role=option]");
  if (!offer) return;
  event.preventDefault();
  takeOffer(document.querySelector(`[aria-controls="${offer.parentElement.id}"]`), offer);
});
document.addEventListener("focusout", (event) => showOffers(event.target, false));

// Arrows walk through what a search found: from its field into the table, and from row to row.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const one = event.target;
  if (!step || event.defaultPrevented || event.altKey || event.ctrlKey || !one.matches) return;
  const main = document.querySelector("#main");
  const isSearch = one.matches("input[type=search], #find, [data-finds] input");
  if (!main || !(isSearch || one.matches(".hz-table tbody :is(a, button)"))) return;
  const rows = [...main.querySelectorAll(".hz-table tbody tr")];
  const doors = rows.map((row) => row.querySelector("a[href], button")).filter((door) => door && door.offsetParent);
  const here = doors.findIndex((door) => door.closest("tr") === one.closest("tr"));
  const next = isSearch ? doors.at(step > 0 ? 0 : -1) : doors[here + step];
  const field = here === 0 && main.querySelector("input[type=search], [data-finds] input:not([type=hidden])");
  if (!next && !field) return;
  event.preventDefault();
  (next || field).focus();
});

// What only some kinds of care ask for.
document.addEventListener("change", (event) => {
  if (event.target.id !== "id_care") return;
  document.querySelectorAll("[data-cares]").forEach((one) => {
    one.hidden = !one.dataset.cares.split(" ").includes(event.target.value);
  });
});

// Ticking every row of a table.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-check-all]")) return;
  const table = event.target.closest("table");
  table.querySelectorAll("tbody input[type=checkbox]").forEach((box) => {
    box.checked = event.target.checked;
  });
});

// How many rows are ticked and, where they bear figures, what the last column of these comes to.
function tally(form) {
  if (!form.dataset.tally) return "";
  const ticked = [...form.querySelectorAll("tbody tr")].filter((row) => row.querySelector("input[type=checkbox]:checked"));
  const number = `已选 ${ticked.length} ${form.dataset.tally}`;
  if (!form.querySelector("tbody td.num")) return number;
  const fen = ticked.map((row) => inFen([...row.querySelectorAll("td.num")].pop().textContent) || 0);
  return `${number}，合计 ${told(fen.reduce((sum, one) => sum + one, 0))} 元`;
}
function tellTally() {
  document.querySelectorAll("[data-tally-said]").forEach((said) => {
    said.textContent = tally(said.closest("form"));
    said.hidden = false;
    const boxes = [...said.closest("form").querySelectorAll("tbody input[type=checkbox]")];
    const all = said.closest("form").querySelector("[data-check-all]");
    if (all) all.checked = boxes.length > 0 && boxes.every((box) => box.checked);
  });
}
document.addEventListener("change", tellTally);
document.addEventListener("DOMContentLoaded", tellTally);
document.addEventListener("htmx:afterSettle", tellTally);
window.addEventListener("pageshow", tellTally);

// Alt and a letter presses the button or link of that accesskey, in every browser alike: Firefox
// would want Shift as well. Where the browser has done it already, the event says so.
document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || !event.altKey || event.ctrlKey || event.metaKey) return;
  const target = [...document.querySelectorAll("[accesskey]")].find(
    (one) =>
      one.accessKey === event.key.toLowerCase() && !one.disabled && (one.offsetParent !== null || one.closest(".hz-more")),
  );
  if (!target) return;
  event.preventDefault();
  target.focus();
  target.click();
});

// What stands in an amount or a search is typed over, not into.
const typedOver = "input[inputmode=decimal], .hz-amount, input[type=search], .hz-filter input[type=text]";
let entered = null;
document.addEventListener("focusin", (event) => {
  entered = event.target.matches(typedOver) ? event.target : null;
  if (entered) entered.select(); // at once: the next key may be down already
});
document.addEventListener("mouseup", (event) => {
  const field = event.target; // the click that entered the field has just put the caret somewhere
  if (field === entered && field.selectionStart === field.selectionEnd) field.select();
  entered = null;
});
document.addEventListener("DOMContentLoaded", () => {
  const field = document.activeElement;
  if (field && field.matches(typedOver) && field.value) field.select();
});

// Cash: the change is told at every key, in fen. Enter shows it and moves on to the button; only
// the button issues the receipt. The server asks the same questions (enrollment/collection/cash.py).
const DOUBTFUL = 10000;
const inYuan = (fen) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
// As the pages tell it; what stands in a field is without commas.
const told = (fen) => inYuan(fen).replace(/\B(?=(\d{3})+\.)/g, ",");
function inFen(text) {
  const plain = text.normalize("NFKC").replaceAll("。", ".").replaceAll(",", "").trim();
  if (!/^\d{1,9}(\.\d{0,2})?$/.test(plain)) return null;
  const [yuan, part = ""] = plain.split(".");
  return Number(yuan) * 100 + Number(part.padEnd(2, "0"));
}
// What the amounts of a form come to while they are typed; a dash while one cannot be read.
function tellSum(form) {
  const fen = [...form.querySelectorAll("[data-summed]")].map((field) => {
    const [, sign, plain] = field.value.trim().match(/^([-－]?)(.*)$/);
    const one = plain ? inFen(plain) : 0;
    return one === null ? NaN : sign ? -one : one;
  });
  const sum = fen.reduce((left, right) => left + right, 0);
  form.querySelector("[data-sum-said]").textContent = Number.isNaN(sum) ? "—" : (sum < 0 ? "-" : "") + told(Math.abs(sum));
}
document.addEventListener("input", (event) => event.target.form?.matches("[data-sums]") && tellSum(event.target.form));
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sums]").forEach(tellSum));
function tellChange(form) {
  const field = form.elements.received;
  const output = form.querySelector("#change");
  const doubt = form.querySelector("[data-doubtful]");
  const given = inFen(field.value);
  const change = given === null ? null : given - Number(form.dataset.due);
  output.textContent = "—";
  if (change !== null) output.textContent = change < 0 ? `还差 ${inYuan(-change)} 元` : `${inYuan(change)} 元`;
  output.classList.toggle("hz-short", change !== null && change < 0);
  output.classList.toggle("hz-enough", change !== null && change >= 0);
  if (doubt) doubt.hidden = change === null || change < DOUBTFUL;
}
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-cash]");
  if (!form || !form.querySelector("#change")) return;
  form.querySelectorAll(".hz-quick, [data-cash-hint]").forEach((one) => (one.hidden = false));
  const field = form.elements.received;
  field.addEventListener("input", () => {
    form.elements.sure.checked = false;
    tellChange(form);
  });
  const give = (text) => {
    field.value = text;
    field.dispatchEvent(new Event("input"));
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-give]");
    if (!button) return;
    give(button.dataset.give);
    form.querySelector("button.btn-primary").focus();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !field.value.trim()) give(inYuan(Number(form.dataset.due)));
  });
  tellChange(form);
});

// The session ended while somebody typed: the page stays, and what is sent goes on after signing in.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401 || document.querySelector(".hz-signedout")) return;
  const note = document.createElement("div");
  note.className = "alert alert-warning hz-alert hz-signedout";
  note.setAttribute("role", "alert");
  note.textContent = "登录已过期。填写的内容还在：请接着填，保存时会先请您登录，登录后继续提交。";
  document.querySelector("#main").prepend(note);
});

// A menu of seldom acts closes when something else is meant.
document.addEventListener("click", (event) => {
  document.querySelectorAll(".hz-more[open]").forEach((one) => {
    if (!one.contains(event.target)) one.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector(".hz-more[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// Ctrl K: the one search box of all pages.
document.addEventListener("keydown", (event) => {
  const box = document.querySelector("#find");
  if (!box || !(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  box.focus();
  box.select();
});

// Who folds a group of the menu finds it folded on the next page; where one is stays open.
(() => {
  const KEY = "hezuo-menu";
  const kept = () => JSON.parse(localStorage.getItem(KEY) || "{}");
  document.querySelectorAll(".hz-menu details").forEach((group) => {
    const name = group.dataset.group;
    if (name in kept() && !group.querySelector("[aria-current]")) group.open = kept()[name];
    group.querySelector("summary").addEventListener("click", () => {
      localStorage.setItem(KEY, JSON.stringify({ ...kept(), [name]: !group.open }));
    });
  });
  const here = document.querySelector(".hz-menu [aria-current]");
  const menu = document.querySelector(".hz-menu");
  if (here && menu && here.offsetTop + here.offsetHeight > menu.clientHeight) menu.scrollTop = here.offsetTop - menu.clientHeight / 2;
})();

// What scrolls sideways can be scrolled by the keyboard.
function reachScrolling() {
  document.querySelectorAll(".hz-scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
}
window.addEventListener("load", reachScrolling);
window.addEventListener("resize", reachScrolling);
document.addEventListener("htmx:afterSettle", reachScrolling);
