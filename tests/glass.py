"""A Chromium page in a thread of its own, for pages that the test client has fetched.

Playwright's loop gives the thread that it runs in database connections of its own; here the test
keeps its connection and its transaction, and only texts go over.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import axe_playwright_python
from django.contrib.staticfiles import finders
from playwright.sync_api import Page, Playwright, sync_playwright

from tests.screen import SWITCHES

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
STYLES = ("bootstrap/bootstrap.min.css", "hezuo.css")
# Chromium answers in a second or two; a page that it cannot answer for is named.
ANSWER_SECONDS = 60
EMPTY = "<!doctype html><html><head></head><body></body></html>"
# Puts a page into the open one: styles and axe are read once.
SHOW = """(html) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  document.documentElement.lang = page.documentElement.lang;
  document.title = page.title;
  document.querySelectorAll("head style.own").forEach((one) => one.remove());
  page.head.querySelectorAll("style").forEach((one) => {
    one.className = "own"; document.head.append(one);
  });
  document.body.replaceWith(page.body);
}"""

# What axe finds against people who cannot see. Contrast, the dearest of its rules by far, is a
# matter of colours and of the letters' size and weight: texts that agree in these, and in all that
# lies behind them, are asked until axe has judged one (it leaves a single letter undecided; an
# image behind texts always). What nobody sees as the page stands is not asked.
FAULTS = """async () => {
  const told = (found) => found.violations.flatMap(
    (one) => one.nodes.map((node) => `${one.id}: ${node.html}`));
  const faults = told(await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    resultTypes: ["violations"], rules: { "color-contrast": { enabled: false } },
  }));
  const known = new Map([[null, ""]]);
  const ground = (one) => {
    if (!known.has(one)) {
      const look = getComputedStyle(one);
      const own = [look.backgroundColor, look.backgroundImage, look.opacity, look.position,
        look.filter, look.mixBlendMode].join();
      const is_clear = own === "rgba(0, 0, 0, 0),none,1,static,none,normal";
      known.set(one, ground(one.parentElement) + (is_clear ? "" : `/${own}`));
    }
    return known.get(one);
  };
  window.judged ??= new Set();
  const asked = new Map();
  for (const one of document.body.querySelectorAll("*")) {
    const says = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const is_seen = one.checkVisibility({ opacityProperty: true }) && one.offsetWidth !== 1;
    if (!(says || one.matches("input, select, textarea")) || !is_seen) continue;
    const look = getComputedStyle(one);
    const key = [look.color, look.fontSize, look.fontWeight, look.textShadow, ground(one)].join();
    if (!judged.has(key)) asked.set(one, key);
  }
  if (!asked.size) return faults;
  const contrast = await axe.run({ include: [...asked.keys()] }, {
    runOnly: { type: "rule", values: ["color-contrast"] },
    resultTypes: ["violations", "passes", "incomplete"], elementRef: true,
  });
  for (const one of [...contrast.violations, ...contrast.passes, ...contrast.incomplete])
    for (const node of one.nodes) {
      const why = node.any[0]?.data?.messageKey;
      if (!contrast.incomplete.includes(one) || why === "bgImage")
        judged.add(asked.get(node.element));
    }
  return [...faults, ...told(contrast)];
}"""
# What makes the page wider than the screen, and fields that show less than four characters.
WIDE = """() => {
  const found = [];
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > room) {
    const widest = [...document.querySelectorAll("body *")].filter(
      (one) => one.getBoundingClientRect().right > room + 1 && !one.closest(".hz-scroll"));
    found.push(`${document.documentElement.scrollWidth} wide: ` +
      widest.slice(0, 3).map((one) => one.cloneNode(false).outerHTML.slice(0, 120)).join(" "));
  }
  for (const one of document.querySelectorAll("main input, main select")) {
    const short = ["hidden", "checkbox", "radio", "file", "number"].includes(one.type);
    if (short || !one.offsetParent) continue;
    if (one.clientWidth < 56) found.push(`${one.clientWidth} px: ${one.outerHTML.slice(0, 120)}`);
  }
  return found;
}"""

# A walk by Tab: before the next key every stop tells whether it is seen, when the page has been
# scrolled to it. It is over when focus comes round.
STRIDE = 20
BEGIN = """() => {
  const seen = (one) => {
    const look = getComputedStyle(one), box = one.getBoundingClientRect();
    const ring = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
    const shown = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const hidden = top && !one.contains(top) && !top.contains(one) && box.height < innerHeight / 2;
    if (!shown) return "out of sight";
    if (!ring && look.boxShadow === "none") return "no ring";
    return hidden ? `under ${top.outerHTML.slice(0, 60)}` : "";
  };
  if (window.walk) {
    document.removeEventListener("focusin", walk.step);
    document.removeEventListener("keydown", walk.tell);
  }
  const told = new Set();
  window.walk = { over: false, stops: new Map() };
  walk.step = (event) => {
    if (walk.stops.has(event.target) || event.target.matches(".hz-skip")) walk.over = true;
    else if (!walk.over) walk.stops.set(event.target, "");
  };
  walk.tell = () => {
    const one = document.activeElement;
    if (walk.over || !walk.stops.has(one) || told.has(one)) return; // a day has stops within
    told.add(one);
    walk.stops.set(one, seen(one));
  };
  document.activeElement.blur();
  document.querySelector("main").focus();
  document.addEventListener("focusin", walk.step);
  document.addEventListener("keydown", walk.tell);
}"""
TOLD = """() => {
  const asked = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  const missed = [...document.querySelectorAll("main :is(" + asked + ")")].filter((one) => {
    if (one.disabled || one.type === "hidden" || !one.checkVisibility()) return false;
    if (one.closest("fieldset:disabled, details:not([open]) > :not(summary)")) return false;
    const chosen = (stop) => stop.type === "radio" && stop.name === one.name;
    return !walk.stops.has(one) && !(one.type === "radio" && [...walk.stops.keys()].some(chosen));
  });
  const unseen = [...walk.stops].filter(([one, why]) => why);
  return {
    over: walk.over,
    missed: missed.map((one) => one.outerHTML.slice(0, 120)),
    unseen: unseen.map(([one, why]) => `${why}: ${one.outerHTML.slice(0, 120)}`),
  };
}"""


class Glass:
    """Shows HTML with the portal's styles, without its scripts."""

    def __init__(self, program: str) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._program = program
        self._playwright: Playwright
        self._page: Page
        self._thread.submit(self._open).result()

    def _open(self) -> None:
        self._playwright = sync_playwright().start()
        browser = self._playwright.chromium.launch(executable_path=self._program, args=SWITCHES)
        self._page = browser.new_page(locale="zh-CN")
        self._page.set_content(EMPTY)
        for name in STYLES:
            style = Path(str(finders.find(name))).read_text(encoding="utf-8")
            self._page.add_style_tag(content=style)
        # A button that has just got the focus is for a moment between two colours.
        self._page.add_style_tag(content="* { transition: none !important; }")
        self._page.add_script_tag(content=AXE.read_text(encoding="utf-8"))

    def show(self, html: str, width: int, height: int, *questions: str) -> list[Any]:
        """What the page answers to these functions of JavaScript."""

        def ask() -> list[Any]:
            self._page.set_viewport_size({"width": width, "height": height})
            if html:
                self._page.evaluate(SHOW, html)
            return [self._answer(one) for one in questions]

        return self._thread.submit(ask).result()

    def _answer(self, question: str) -> Any:
        """`evaluate` would wait for ever."""
        told = self._page.wait_for_function(
            f"async () => ({{ answer: await ({question})() }})",
            polling=100,
            timeout=ANSWER_SECONDS * 1000,
        )
        return told.json_value()["answer"]

    def press(self, key: str, question: str) -> Any:
        """What the page answers after this key."""

        def ask() -> Any:
            self._page.keyboard.press(key)
            return self._page.evaluate(question)

        return self._thread.submit(ask).result()

    def walk(self, most: int) -> dict[str, Any]:
        """Tab from the page's main part to its end: which stops there were, and what was missed.

        Nothing is asked between two keys, so that a stop costs a key alone.
        """

        def go() -> dict[str, Any]:
            self._page.evaluate(BEGIN)
            for _ in range(0, most, STRIDE):
                for _ in range(STRIDE):
                    self._page.keyboard.press("Tab")
                if self._page.evaluate("walk.over"):
                    break
            told: dict[str, Any] = self._page.evaluate(TOLD)
            return told

        return self._thread.submit(go).result()

    def close(self) -> None:
        self._thread.submit(self._playwright.stop).result()
        self._thread.shutdown()
