"""The pages of measures: handed in by 蒋正平 (基金监管), adopted by 吴国栋 (复核), read by many."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.errors import Refusal
from accounts.models import AuditLine
from accounts.roles import Role
from policies.drafts import start_draft
from policies.models import Draft, Pack
from policies.services import adopt_pack, pack_in_force, propose_pack, terms_in_force, terms_of
from tests.conftest import PACKS, make_user

SOURCE = (PACKS / "dazu.yaml").read_text(encoding="utf-8")
LATER = SOURCE.replace("from: 2012-01-01", "from: 2027-01-01").replace(
    "to: 2027-12-31", "to: 2030-12-31"
)
PAPER = {"approval": "府发〔2026〕1号"}


def upload(client, content: bytes):
    file = SimpleUploadedFile("办法.yaml", content)
    return client.post("/policies/propose", {"file": file}, follow=True)


def page(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestHandingIn:
    def test_the_first_measures_of_a_county(self, cast, county, as_user):
        answer = page(upload(as_user(cast.supervisor), SOURCE.encode()))
        pack = Pack.objects.get()
        assert (pack.name, pack.version, pack.status) == (
            "大足县城乡居民合作医疗保险办法",
            1,
            "proposed",
        )
        assert (pack.first_day, pack.last_day) == (date(2012, 1, 1), date(2027, 12, 31))
        assert f"已提出“{pack}”，由复核岗位采用后生效" in answer
        assert "此前没有已采用的办法，全部条文都是新的。" in answer
        line = AuditLine.objects.get(action="policies.propose")
        assert (line.user, line.after["sha256"]) == (cast.supervisor, pack.sha256)
        assert "source" not in line.after

    def test_a_byte_order_mark_of_windows_does_no_harm(self, cast, county, as_user):
        upload(as_user(cast.supervisor), b"\xef\xbb\xbf" + SOURCE.encode())
        assert Pack.objects.get().source.startswith("# 大足县")

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"\xff\xff" + SOURCE.encode(), "无法识别文件编码，请另存为 UTF-8 编码"),
            (
                SOURCE.replace('"500225"', '"500226"').encode(),
                "办法写的统筹区是 500226，与本区 500225 不符："
                "请把文件开头 area 的 code、name 改成本区的",
            ),
        ],
    )
    def test_what_is_not_taken(self, cast, county, as_user, content, told):
        assert told in page(upload(as_user(cast.supervisor), content))
        assert not Pack.objects.exists()

    def test_no_file_at_all(self, cast, county, as_user):
        answer = page(as_user(cast.supervisor).post("/policies/propose", follow=True))
        assert "请选择办法文本" in answer
        assert not Pack.objects.exists()

    @pytest.mark.parametrize("who", ["approver", "reviewer", "clerk_a", "hospital_clerk"])
    def test_nobody_else_hands_in(self, cast, county, as_user, who):
        file = SimpleUploadedFile("办法.yaml", SOURCE.encode())
        answer = as_user(getattr(cast, who)).post("/policies/propose", {"file": file})
        assert answer.status_code == 403 and not Pack.objects.exists()


class TestAdopting:
    def test_a_second_person_puts_them_in_force(self, cast, county, as_user):
        pack = propose_pack(actor=cast.supervisor, area=county, source=SOURCE)
        with pytest.raises(Refusal) as refused:
            pack_in_force(area_code=county.code, day=date(2026, 5, 1))
        assert refused.value.message == (
            "2026-05-01 没有已采用的政策办法，请先由基金监管提出、复核采用当年办法"
        )
        answer = page(as_user(cast.approver).post(f"/policies/{pack.pk}/adopt", PAPER, follow=True))
        assert f"已采用“{pack}”" in answer and "吴国栋" in answer
        assert pack_in_force(area_code=county.code, day=date(2026, 5, 1)) == pack

    def test_a_second_click_is_told_that_it_is_done(self, cast, pack, as_user):
        answer = page(as_user(cast.approver).post(f"/policies/{pack.pk}/adopt", PAPER, follow=True))
        assert f"“{pack}”现为“已采用”，不能办理“采用”" in answer
        assert AuditLine.objects.filter(action="policies.adopt").count() == 1

    def test_the_year_after_ends_the_measures_before_it(self, cast, county, pack, as_user):
        following = propose_pack(actor=cast.supervisor, area=county, source=LATER)
        as_user(cast.approver).post(f"/policies/{following.pk}/adopt", PAPER)
        pack.refresh_from_db()
        assert (pack.status, pack.last_day) == ("adopted", date(2026, 12, 31))
        for day, expected in ((date(2026, 12, 31), pack), (date(2027, 1, 1), following)):
            assert pack_in_force(area_code=county.code, day=day) == expected

    def test_measures_with_a_hole_behind_them_are_refused_word_for_word(self, cast, county, pack):
        short = LATER.replace("from: 2027-01-01", "from: 2026-03-01").replace(
            "to: 2030-12-31", "to: 2026-06-30"
        )
        proposed = propose_pack(actor=cast.supervisor, area=county, source=short)
        with pytest.raises(Refusal) as refused:
            adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")
        assert refused.value.message == (
            "与已采用的“大足县城乡居民合作医疗保险办法 第1版”（2012-01-01 至 2027-12-31）日期重叠，"
            "新办法须接续或覆盖其剩余期间，请调整生效、失效日期"
        )
        proposed.refresh_from_db()
        assert proposed.status == "proposed"

    def test_another_countys_approver_does_not_even_see_them(self, pack, other_county, as_user):
        stranger = make_user("stranger", "唐外", Role.APPROVER, other_county)
        client = as_user(stranger)
        assert client.post(f"/policies/{pack.pk}/adopt").status_code == 404
        assert client.get(f"/policies/{pack.pk}").status_code == 404
        assert "第1版" not in page(client.get("/policies/"))


class TestReading:
    def test_whoever_works_by_them_reads_text_assumptions_and_dates(self, cast, pack, as_user):
        for who in ("clerk_a", "reviewer", "accountant", "auditor"):
            shown = page(as_user(getattr(cast, who)).get(f"/policies/{pack.pk}"))
            assert "2012-01-01 至 2027-12-31" in shown
            assert "按假设处理的条文" in shown and "第三十九条" in shown
            assert "standards:" in shown and pack.sha256[:16] in shown
            assert "据此另建草稿" not in shown

    def test_the_hospital_reads_the_measures_of_its_county(self, cast, pack, as_user):
        assert pack.name in page(as_user(cast.hospital_clerk).get("/policies/"))

    def test_the_list_says_who_did_what(self, cast, county, pack, as_user):
        propose_pack(actor=cast.supervisor, area=county, source=LATER)
        shown = page(as_user(cast.supervisor).get("/policies/"))
        assert shown.count("蒋正平") >= 2 and "吴国栋" in shown
        assert "待采用" in shown and "已采用" in shown

    def test_terms_are_read_once_for_all_who_ask(self, pack):
        assert terms_of(pack) is terms_of(Pack.objects.get())
        assert terms_in_force(area_code="500225", day=date(2026, 1, 1)) is terms_of(pack)


class TestDrafts:
    def test_given_up_drafts_leave_the_list_and_stay_in_the_trail(self, cast, pack, as_user):
        client = as_user(cast.supervisor)
        draft = start_draft(actor=cast.supervisor, pack=pack)
        assert f"草稿{draft.pk}" in page(client.get("/policies/"))
        answer = page(client.post(f"/policies/drafts/{draft.pk}/discard", follow=True))
        assert f"已作废{draft}" in answer
        assert client.get(f"/policies/drafts/{draft.pk}").status_code == 404
        draft.refresh_from_db()
        assert (draft.status, draft.discarded_at is not None) == ("discarded", True)
        line = AuditLine.objects.get(action="policies.discard_draft")
        assert (line.before["status"], line.after["status"]) == ("edited", "discarded")

    def test_two_drafts_of_one_text_do_not_touch_each_other(self, cast, pack):
        one = start_draft(actor=cast.supervisor, pack=pack)
        other = start_draft(actor=cast.supervisor, pack=pack)
        assert one.pk != other.pk and Draft.objects.being_edited().count() == 2
