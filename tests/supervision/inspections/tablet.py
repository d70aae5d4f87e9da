"""A tablet on site: what is tapped and typed on the page of a visit, and what its bar says."""

from pathlib import Path

from django.urls import reverse
from playwright.sync_api import Page, expect


def sign_in(page: Page, at: str, username: str, password: str = "chunfeng-2026") -> None:
    page.context.clear_cookies()
    page.goto(f"{at}{reverse('accounts:sign_in')}")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def said(page: Page, words: str) -> None:
    expect(page.locator(".hz-sitebar strong")).to_contain_text(words)


def tick(page: Page, item: str, value: str, note: str = "") -> None:
    box = page.locator(f"[data-item='{item}']")
    box.locator(f"[value='{value}'][data-value]").check()
    if note:
        box.locator("[data-note]").fill(note)
        box.locator("[data-note]").blur()


def delivered(page: Page, item: str) -> None:
    """The bar may still say so of what was there before."""
    expect(page.locator(f"[data-item='{item}']")).to_have_attribute("data-state", "sent")


FILL = """(but) => document.querySelectorAll("[data-item]").forEach((box) => {
  const [first] = box.querySelectorAll("[data-value]");
  if (box.dataset.item === but || box.querySelector(":checked")) return;
  if (first.type === "radio") first.checked = true;
  else first.value = first.type === "date" ? "2027-12-31" : "0";
  first.dispatchEvent(new Event("change", { bubbles: true }));
})"""


def fill_all(page: Page, *, but: str = "") -> None:
    """Everything that is not filled in yet, in order."""
    page.evaluate(FILL, but)


KEPT = "async () => !!(await caches.match('{}'))"
GONE = "async () => !(await caches.match('{}'))"


def until(page: Page, asked: str) -> None:
    for _ in range(100):
        if page.evaluate(asked):
            return
        page.wait_for_timeout(50)
    raise AssertionError(asked)


def photographed(page: Page, item: str, file: Path) -> None:
    page.locator(f"[data-item='{item}'] [data-camera]").set_input_files(file)
