"""In Chromium, without a mouse: every entry of every role's menu is reached, seen and opened, and
so is everything on the page that it leads to.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from desk.navigation import shown_to
from tests.desk.conftest import County
from tests.desk.test_every_page import essence
from tests.desk.test_worklist import fill, of_role
from tests.glass import Glass

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

WHERE = """() => {
  const one = document.activeElement;
  const look = getComputedStyle(one);
  return {
    tag: one.tagName, address: one.getAttribute("href") || "",
    in_menu: one.matches(".hz-menu a"),
    folded: one.tagName === "SUMMARY" && !one.parentElement.open,
    seen: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0,
    asked: window.asked || "", field: one.matches("input, textarea, select"),
  };
}"""


# An entry that Enter opens says so instead of leaving the page.
OPENS = """() => document.querySelector(".hz-menu").addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link) { event.preventDefault(); window.asked = link.getAttribute("href"); }
})"""
# The longest page has some 150 stops; the rest is a trap.
MOST = 400


@pytest.mark.seconds(180)
@pytest.mark.usefixtures("menu_counts_once")
def test_every_entry_and_its_page_by_tab_and_enter(
    glass: Glass, dazu: County, as_user: Callable[[User], Client]
) -> None:
    fill(dazu, 1, 2)
    walked: set[str] = set()
    faults: list[str] = []
    for role in Role:
        user = of_role(dazu, role)
        client = as_user(user)
        html = client.get(reverse("accounts:change_password")).content.decode()
        glass.show(html.replace("autofocus", ""), 1366, 768, OPENS)
        first = glass.press("Tab", WHERE)
        assert (first["address"], first["seen"]) == ("#main", True), (role, first)
        opened: list[str] = []
        for _ in range(MOST):
            one = glass.press("Tab", WHERE)
            if one["tag"] == "BODY":
                break
            assert one["seen"] or one["field"], (role, one)
            if one["folded"]:
                assert not glass.press("Enter", WHERE)["folded"], (role, one)
            elif one["in_menu"]:
                assert glass.press("Enter", WHERE)["asked"] == one["address"], (role, one)
                opened.append(one["address"])
        entries = {entry.url for _, group in shown_to(user) for entry in group}
        assert entries <= set(opened), (role, entries - set(opened))
        for address in opened:
            html = client.get(address).content.decode()
            if (known := essence(html)) not in walked:
                walked.add(known)
                glass.show(html, 1366, 768)
                faults += [f"{role} {address} {one}" for one in faults_of(glass.walk(MOST))]
    assert not faults, f"{len(faults)} in {len(walked)} pages:\n" + "\n".join(faults[:60])


def faults_of(walk: dict[str, Any]) -> list[str]:
    trap = [] if walk["over"] else ["a trap: focus does not come round"]
    return [*trap, *walk["unseen"], *(f"not reached: {one}" for one in walk["missed"])]
