"""In Chromium: every entry of every role's menu is reached and seen without a mouse."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from desk.navigation import MENU
from tests.desk.conftest import County
from tests.desk.test_worklist import of_role
from tests.glass import Glass

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

WHERE = """() => {
  const one = document.activeElement;
  const look = getComputedStyle(one);
  return {
    tag: one.tagName, address: one.getAttribute("href") || "",
    folded: one.tagName === "SUMMARY" && !one.parentElement.open,
    seen: look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0,
    field: one.matches("input, textarea, select"), text: one.textContent.trim(),
  };
}"""


@pytest.mark.seconds(60)
def test_every_entry_is_reached_by_tab_and_enter(
    glass: Glass, dazu: County, as_user: Callable[[User], Client]
) -> None:
    dazu.claim(1)
    for role in Role:
        user = of_role(dazu, role)
        html = as_user(user).get(reverse("accounts:change_password")).content.decode()
        glass.show(html.replace("autofocus", ""), 1366, 768)
        first = glass.press("Tab", WHERE)
        assert (first["address"], first["seen"]) == ("#main", True), (role, first)
        reached = set()
        for _ in range(80):
            one = glass.press("Tab", WHERE)
            if one["tag"] == "BODY":
                break
            assert one["seen"] or one["field"], (role, one)
            if one["folded"]:
                assert not glass.press("Enter", WHERE)["folded"], (role, one)
            reached.add(one["address"])
        entries = {entry.url for _, group in MENU for entry in group if user.may(entry.permission)}
        assert entries <= reached, (role, entries - reached)
