"""What every kind of master data is asked: a preview, its faults, and confirming it."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from desk.masterdata import MasterResource
from tests.conftest import file_of

FINGERPRINT = re.compile(r'name="fingerprint" value="([0-9a-f]{64})"')


def send(client: Client, url: str, rows: list[Any], **options: str) -> str:
    """Upload a table, the first row is its header; the page that shows the preview."""
    file = SimpleUploadedFile("表.xlsx", file_of(rows))
    return str(client.post(url, {"file": file} | options, follow=True).content.decode())


def confirm(client: Client, url: str) -> str:
    """Confirm the file that waits on the page; what is said then."""
    found = FINGERPRINT.search(client.get(url).content.decode())
    assert found, "there is nothing to confirm"
    response = client.post(f"{url}/confirm", {"fingerprint": found[1]}, follow=True)
    return str(response.content.decode())


def faults(resource: MasterResource, rows: list[Any]) -> list[str]:
    """What the preview of a table says is wrong, row by row."""
    plan = resource.plan(file_of(rows))
    return [f"第 {one.number} 行：{one.explained}" for one in plan.lines if one.explained]
