"""A double click: the form of a page sent twice in the same moment, with all that it carries."""

import re
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.test import Client

from tests.at_once import at_once


def token_in(page: Any) -> str:
    """The token of the first form that is not the frame's own."""
    tokens = re.findall(r'name="submission" value="(\w+)"', page.content.decode())
    return str(tokens[-1])


def double_click(client: Client, page: str, to: str, data: Mapping[str, Any]) -> list[Any]:
    """Both answers to the form on `page`, sent to `to` twice at once by the same browser."""
    form = dict(data) | {"submission": token_in(client.get(page))}
    return twice(client, to, form)


def twice(client: Client, to: str, form: Mapping[str, Any]) -> list[Any]:
    def send() -> Any:
        other = Client()
        other.cookies.update(client.cookies)
        try:
            return other.post(to, form)
        finally:
            connection.close()

    return at_once([send, send])


def told(answer: Any) -> list[str]:
    """The messages that the next page will show."""
    return [str(message) for message in answer.wsgi_request._messages._queued_messages]
