"""In Chromium, every page of every role: nothing in the way of those who cannot see, nothing to be
scrolled sideways at 1366×768 nor on a screen enlarged to 150 %.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.desk.conftest import County
from tests.desk.pages import pages
from tests.desk.test_worklist import fill
from tests.glass import Glass

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

# 1366×768, and the same screen at 150 %.
SCREENS = ((1366, 768), (911, 512))
FAULTS = """async () => {
  const told = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    resultTypes: ["violations"],
  });
  return told.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}`));
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


def essence(html: str) -> str:
    """A page without its menu, names and numbers: two roles that read the same are asked once."""
    main = html.partition("<main")[2] or html
    return re.sub(r'value="[^"]*"|[\d.]+|\s+', "", main)


@pytest.mark.seconds(240)
def test_every_page_is_open_to_all_and_fits(
    glass: Glass, dazu: County, as_user: Callable[[User], Client]
) -> None:
    fill(dazu, 1, 3, "policies:list")  # a pack without a text has no page
    seen: set[str] = set()
    faults: list[str] = []
    people = [one for one in vars(dazu.cast).values() if isinstance(one, User)]
    asked = 0
    for user in {one.role: one for one in reversed(people)}.values():
        for route, address, html in pages(as_user(user)):
            known = essence(html)
            if known in seen and route:
                continue
            seen.add(known)
            asked += 1
            faults += [f"{user.role} {address} {one}" for one in looked_at(glass, html)]
    assert not faults, f"{len(faults)} in {asked} pages:\n" + "\n".join(faults[:60])


def looked_at(glass: Glass, html: str) -> list[Any]:
    screen, enlarged = SCREENS
    faults, too_wide = glass.show(html, *screen, FAULTS, WIDE)
    (grown,) = glass.show("", *enlarged, WIDE)
    return [*faults, *too_wide, *(f"at 150 %: {one}" for one in grown)]
