"""How every kind of paper is asked whether it keeps what it said."""

import re
from collections.abc import Callable
from html import unescape

from django.test import Client

from accounts.models import AuditLine
from desk.models import Paper
from desk.papers import PaperKind, altered_papers

STAMP = re.compile(r'<p class="hz-stamp.*?</p>', re.S)
SHEET = re.compile(r'<article class="hz-paper">(.*?)</article>', re.S)


def on_paper(page: str) -> list[str]:
    """What stands on each sheet, without the stamps."""
    return [" ".join(STAMP.sub("", sheet).split()) for sheet in SHEET.findall(page)]


def stamps(page: str) -> str:
    found = [re.sub(r"<[^>]+>", "", stamp) for stamp in STAMP.findall(page)]
    return unescape(" ".join(" ".join(found).split()))


def text_of(client: Client, url: str, *, prints: bool, **data: str) -> str:
    response = client.post(url, data) if prints else client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


def keeps_what_it_said(
    kind: PaperKind,
    url: str,
    *,
    hand: Client,
    change: Callable[[], None],
    elsewhere: Client,
    stranger: Client,
) -> str:
    """Print, change what it is about, print again; the second page.

    `elsewhere`: somebody with the right, of another place; `stranger`: somebody without the right.
    """
    before = AuditLine.objects.filter(action="desk.print_paper").count()
    assert "hz-onpaper" in text_of(hand, url, prints=False)
    assert not Paper.objects.filter(kind=kind.code).exists()
    first = text_of(hand, url, prints=True, reason="入户核对" if kind.clear else "")
    assert "副本" not in first and "data-print-now" in first
    assert f"hz-{kind.page}" in first
    change()
    again = text_of(hand, url, prints=True, reason="原件遗失")
    looked = text_of(hand, url, prints=False)
    if kind.clear:
        assert on_paper(looked) != on_paper(again)  # numbers stand in full on the print alone
        for line in AuditLine.objects.filter(action="desk.reveal_on_paper"):
            assert line.reason and (line.after or {})["numbers"] > 0
        looked = again
    if kind.kept:
        assert on_paper(again) == on_paper(looked) == on_paper(first)
        assert "副本 第 1 次补打" in stamps(again) and "（原件遗失）" in stamps(again)
        assert list(Paper.objects.filter(kind=kind.code).values_list("copy", flat=True)) == [0, 1]
        assert list(altered_papers()) == []
    else:
        assert on_paper(again) != on_paper(first) and "副本" not in again
        assert not Paper.objects.filter(kind=kind.code).exists()
    trail = AuditLine.objects.filter(action="desk.print_paper").order_by("id")[before:]
    assert [(line.after or {})["kind"] for line in trail] == [kind.title] * 2
    for method in ("get", "post"):
        assert getattr(elsewhere, method)(url).status_code in {302, 404}
        assert getattr(stranger, method)(url).status_code == 403
    assert AuditLine.objects.filter(action="desk.print_paper").count() == before + 2
    return again
