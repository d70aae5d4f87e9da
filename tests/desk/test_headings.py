"""Who follows an entry of the menu finds a page that is called so."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role, may
from desk.navigation import MENU
from tests.desk.conftest import County
from tests.desk.test_worklist import of_role

HEADING = re.compile(r"<h1>(.*?)</h1>", re.S)
ENTRIES = [entry for _, group in MENU for entry in group]


@pytest.mark.django_db
def test_a_page_is_headed_as_its_entry_in_the_menu(
    dazu: County, as_user: Callable[[User], Client]
) -> None:
    dazu.book()
    wrong = []
    for entry in ENTRIES:
        role = next(role for role in Role if may(role, entry.permission))
        page = as_user(of_role(dazu, role)).get(reverse(entry.url_name)).content.decode()
        heading = HEADING.search(page)
        said = re.sub(r"<[^>]+>|\s+", "", heading[1]) if heading else ""
        if not said.startswith(entry.title):
            wrong.append((entry.title, said))
    assert wrong == []
