"""What the pages tell: which numbers are wrong, what adopting would end, what a file lacks.

蒋正平 (基金监管) edits and proposes, 吴国栋 (复核) adopts.
"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from policies.drafts import start_draft
from policies.models import Pack
from policies.numbers import numbers_of
from policies.services import propose_pack
from tests.conftest import PACKS
from tests.policies.test_propose_and_adopt import filled, place

SOURCE = (PACKS / "dazu.yaml").read_text(encoding="utf-8")


def body(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def proposed(cast, county, pack):
    """A version from the given day on, put forward beside the measures in force."""

    def put_forward(first: str, last: str = "2028-12-31") -> Pack:
        old = f"from: {pack.first_day}"
        assert SOURCE.count(old) == 1 and SOURCE.count(f"to: {pack.last_day}") == 1
        source = SOURCE.replace(old, f"from: {first}").replace(
            f"to: {pack.last_day}", f"to: {last}"
        )
        return propose_pack(actor=cast.supervisor, area=county, source=source)

    return put_forward


def test_the_check_links_to_every_wrong_number_and_still_compares_the_rest(cast, pack, as_user):
    draft = start_draft(actor=cast.supervisor, pack=pack)
    county = place(draft, "二档住院", "县级医院，成年人")
    central = place(draft, "二档住院", "中心卫生院，成年人")
    at = {one.place: index for index, one in enumerate(numbers_of(draft.source))}[county]
    client = as_user(cast.supervisor)
    page = body(
        client.post(
            f"/policies/drafts/{draft.pk}/check",
            filled(client, draft, **{county: "一半", central: "66%"}),
        )
    )
    assert f'<a href="#id_n{at}">二档住院 · 比例（县级医院，成年人）</a>：写百分数' in page
    assert "<strong>66%</strong>" in page
    assert "还没有改动" not in page


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("2027-01-01", "（2012-01-01 至 2027-12-31）到 2026-12-31 为止。"),
        ("2012-01-01", "（2012-01-01 至 2027-12-31）由本版全部代替。"),
    ],
)
def test_before_adopting_one_reads_what_becomes_of_the_measures_in_force(
    cast, as_user, proposed, first, told
):
    version = proposed(first)
    page = body(as_user(cast.approver).get(f"/policies/{version.pk}"))
    assert f"采用后，现行“大足县城乡居民合作医疗保险办法 第1版”{told}" in page
    assert f"（{first} 起）" in page


def test_a_version_that_leaves_a_gap_behind_is_told_before_anybody_clicks(cast, as_user, proposed):
    version = proposed("2026-03-01", "2026-06-30")
    page = body(as_user(cast.approver).get(f"/policies/{version.pk}"))
    assert "现在还不能采用：与已采用的" in page


def test_a_file_with_mistakes_is_answered_by_a_list_of_lines(cast, county, as_user):
    wrong = SOURCE.replace("title: ", "titel: ", 1) + "mistyped: 1\n"
    upload = SimpleUploadedFile("办法.yaml", wrong.encode())
    page = body(as_user(cast.supervisor).post("/policies/propose", {"file": upload}))
    assert "文件没有收下" in page
    assert "titel：不认识的键“titel”" in page
    assert "缺少“title”" not in page  # what is misspelt is not missing as well
    assert f"第 {len(wrong.splitlines())} 行 mistyped：不认识的键“mistyped”" in page
    assert not Pack.objects.exists()
