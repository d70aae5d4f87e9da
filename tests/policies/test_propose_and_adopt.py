"""A new year's measures without a programmer: copied, changed, checked, proposed, adopted by two.

蒋正平 (基金监管) raises the county hospital's ratio; 吴国栋 (复核) adopts it.
"""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from accounts.roles import Role
from policies.drafts import (
    change_numbers,
    discard_draft,
    fingerprint,
    problems_of,
    propose_draft,
    start_draft,
)
from policies.models import Draft, Pack
from policies.numbers import differences, numbers_of
from policies.services import adopt_pack, propose_pack, terms_in_force
from tests.conftest import PACKS, in_duty


@pytest.fixture
def draft(cast, pack) -> Draft:
    return start_draft(actor=cast.supervisor, pack=pack)


def test_a_draft_of_a_text_in_format_1_is_written_in_the_present_format(cast, county):
    """The adopted text stays as it is; its copy can be changed, proposed and adopted."""
    source = (PACKS.parents[1] / "tests/cases/format_one/dazu.yaml").read_text("utf-8")
    pack = Pack.objects.create(
        area=county,
        name="大足县城乡居民合作医疗保险办法",
        version=1,
        first_day=date(2025, 1, 1),
        last_day=date(2027, 12, 31),
        source=source,
        sha256=fingerprint(source),
        proposed_by=cast.supervisor,
    )
    adopt_pack(actor=cast.approver, pack=pack, approval="府发〔2026〕1号")
    assert terms_in_force(area_code=county.code, day=date(2026, 5, 1)).cares["inpatient"].bed
    draft = start_draft(actor=cast.supervisor, pack=pack)
    assert problems_of(draft.source) == ()
    with pytest.raises(Refusal, match="没有可以提出的改动"):
        propose_draft(actor=cast.supervisor, draft=draft)
    where = place(draft, "二档住院", "县级医院，成年人")
    draft = change(draft, cast.supervisor, **{where: "55%"})
    (changed,) = differences(numbers_of(source), numbers_of(draft.source))
    assert (changed.before, changed.after) == ("50%", "55%")
    assert propose_draft(actor=cast.supervisor, draft=draft).source.startswith(source[:80])
    pack.refresh_from_db()
    assert pack.source == source


def place(draft: Draft, group: str, when: str) -> str:
    return next(
        one.place
        for one in numbers_of(draft.source)
        if one.group == group and one.when == when and one.item == "比例"
    )


def change(draft: Draft, actor, **values: str) -> Draft:
    return change_numbers(actor=actor, draft=draft, values=values, sha256=fingerprint(draft.source))


@pytest.fixture
def raised(draft, cast) -> Draft:
    """County hospital, adults of the second tier: 55 %."""
    where = place(draft, "二档住院", "县级医院，成年人")
    return change(draft, cast.supervisor, **{where: "55%"})


def filled(client, draft: Draft, **changes: str) -> dict[str, str]:
    """The editor's form as the browser would send it, with some fields changed."""
    numbers = numbers_of(draft.source)
    fields = {f"n{index}": number.text for index, number in enumerate(numbers)}
    named = {number.place: f"n{index}" for index, number in enumerate(numbers)}
    return (
        fields
        | {"sha256": fingerprint(draft.source)}
        | {named[where]: value for where, value in changes.items()}
    )


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


class TestDraft:
    def test_it_begins_as_a_copy_and_the_original_never_changes(self, raised, pack, cast):
        assert "ratio: 55%}" in raised.source and raised.base == pack
        pack.refresh_from_db()
        assert fingerprint(pack.source) == pack.sha256
        line = AuditLine.objects.get(action="policies.change_draft")
        assert line.user == cast.supervisor
        assert [(one["before"], one["after"]) for one in line.after["changes"]] == [("50%", "55%")]

    def test_saving_without_a_change_writes_nothing(self, draft, cast):
        change(draft, cast.supervisor, title=" 大足县城乡居民合作医疗保险办法 ")
        assert not AuditLine.objects.filter(action="policies.change_draft").exists()

    def test_what_somebody_else_changed_meanwhile_is_not_lost(self, draft, raised, cast):
        with pytest.raises(Refusal, match="刚被另一人改过"):
            change(draft, cast.supervisor, title="另一个名称")
        draft.refresh_from_db()
        assert draft.source == raised.source

    def test_an_unfinished_draft_is_kept_but_cannot_be_proposed(self, draft, cast):
        """The segment is impossible as a whole, though each value is a percentage."""
        where = place(draft, "二档住院", "县级医院，成年人")
        draft = change(draft, cast.supervisor, **{where: "150%"})
        assert [problem.where for problem in problems_of(draft.source)] == [where]
        with pytest.raises(Refusal, match="不可能"):
            propose_draft(actor=cast.supervisor, draft=draft)
        assert Pack.objects.count() == 1

    def test_without_a_change_there_is_nothing_to_propose(self, draft, cast):
        with pytest.raises(Refusal, match="完全相同"):
            propose_draft(actor=cast.supervisor, draft=draft)

    def test_once_proposed_or_discarded_it_is_closed(self, raised, draft, pack, cast):
        propose_draft(actor=cast.supervisor, draft=raised)
        with pytest.raises(Refusal, match="已经提出"):
            change(raised, cast.supervisor, title="x")
        other = start_draft(actor=cast.supervisor, pack=pack)
        discard_draft(actor=cast.supervisor, draft=other)
        with pytest.raises(Refusal, match="已经作废"):
            propose_draft(actor=cast.supervisor, draft=other)
        assert list(Draft.objects.being_edited()) == []

    def test_the_database_keeps_where_it_came_from(self, draft, pack):
        for statement in (
            lambda: Draft.objects.filter(pk=draft.pk).update(created_by=pack.adopted_by),
            lambda: Draft.objects.filter(pk=draft.pk).delete(),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                statement()


class TestTwoPeople:
    def test_the_second_person_puts_it_in_force(self, raised, pack, cast, county):
        proposed = propose_draft(actor=cast.supervisor, draft=raised)
        assert (proposed.version, proposed.status) == (2, "proposed")
        with pytest.raises(Refusal, match="您的角色不能办理“采用”"):
            adopt_pack(actor=cast.supervisor, pack=proposed, approval="府发〔2026〕1号")
        with pytest.raises(Refusal, match="提出、采用、退回必须由不同的人办理"):
            adopt_pack(
                actor=in_duty(cast.supervisor, Role.APPROVER),
                pack=proposed,
                approval="府发〔2026〕1号",
            )
        adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")
        pack.refresh_from_db()
        assert pack.status == "replaced"
        terms = terms_in_force(area_code=county.code, day=pack.first_day)
        benefit = terms.benefit("inpatient_tier2")
        assert 5500 in [row.value for row in benefit.scheme.ratio.segments[0].ratios.rows]
        line = AuditLine.objects.filter(action="policies.adopt").first()
        assert line.user == cast.approver

    def test_the_database_wants_two_people_too(self, raised, cast):
        proposed = propose_draft(actor=cast.supervisor, draft=raised)
        with pytest.raises(IntegrityError), transaction.atomic():
            Pack.objects.filter(pk=proposed.pk).update(adopted_by=cast.supervisor)
        adopt_pack(actor=cast.approver, pack=proposed, approval="府发〔2026〕1号")
        with pytest.raises(IntegrityError, match="from adopted to proposed"), transaction.atomic():
            Pack.objects.filter(pk=proposed.pk).update(status="proposed")


class TestPages:
    def test_from_the_version_to_the_adopted_change(self, pack, cast, as_user):
        client = as_user(cast.supervisor)
        page = text(client.post(f"/policies/{pack.pk}/draft", follow=True))
        draft = Draft.objects.get()
        assert "二档住院" in page and "第二十三条(二)2" in page
        where = place(draft, "二档住院", "县级医院，成年人")
        data = filled(client, draft, **{where: "55"})
        page = text(client.post(f"/policies/drafts/{draft.pk}", data, follow=True))
        assert "已保存草稿" in page and "<strong>55%</strong>" in page and "检查通过" in page
        draft.refresh_from_db()
        data = filled(client, draft) | {"then": "propose"}
        page = text(client.post(f"/policies/drafts/{draft.pk}", data, follow=True))
        proposed = Pack.objects.get(version=2)
        assert "逐条对照" in page and "<strong>55%</strong>" in page
        assert f"/policies/{proposed.pk}/adopt" not in page  # the proposer is not the second person
        second = as_user(cast.approver)
        page = text(second.get(f"/policies/{proposed.pk}"))
        assert f"/policies/{proposed.pk}/adopt" in page and "ratio: 55%" in page
        second.post(f"/policies/{proposed.pk}/adopt", {"approval": "府发〔2026〕1号"})
        proposed.refresh_from_db()
        assert (proposed.status, proposed.adopted_by) == ("adopted", cast.approver)

    def test_every_number_has_a_field_with_its_value(self, draft, cast, as_user):
        page = text(as_user(cast.supervisor).get(f"/policies/drafts/{draft.pk}"))
        assert page.count('class="hz-number') == len(numbers_of(draft.source))
        assert "还没有改动" in page and "也用于：二档住院" in page

    def test_the_live_check_writes_beside_the_field_and_saves_nothing(self, draft, cast, as_user):
        client = as_user(cast.supervisor)
        county = place(draft, "二档住院", "县级医院，成年人")
        central = place(draft, "二档住院", "中心卫生院，成年人")
        where = {one.place: index for index, one in enumerate(numbers_of(draft.source))}
        check = f"/policies/drafts/{draft.pk}/check"
        page = text(client.post(check, filled(client, draft, **{county: "150%", central: "66%"})))
        assert "检查未通过" in page and "<strong>66%</strong>" in page
        wrong = page.partition(f'id="wrong-{where[county]}"')[2].partition("</div>")[0]
        assert "不可能" in wrong
        page = text(client.post(check, filled(client, draft, **{county: "一半"})))
        assert "写百分数" in page
        page = text(client.post(check, filled(client, draft, **{county: "51"})))
        assert "检查通过" in page and "<strong>51%</strong>" in page
        draft.refresh_from_db()
        assert draft.source == draft.base.source

    def test_a_wrong_value_is_not_saved_and_told(self, draft, cast, as_user):
        client = as_user(cast.supervisor)
        where = place(draft, "二档住院", "县级医院，成年人")
        data = filled(client, draft, **{where: "一半"})
        page = text(client.post(f"/policies/drafts/{draft.pk}", data))
        assert "写百分数" in page and 'value="一半"' in page
        draft.refresh_from_db()
        assert draft.source == draft.base.source

    def test_what_cannot_be_proposed_is_saved_and_told(self, draft, cast, as_user):
        client = as_user(cast.supervisor)
        where = place(draft, "二档住院", "县级医院，成年人")
        data = filled(client, draft, **{where: "150%"}) | {"then": "propose"}
        page = text(client.post(f"/policies/drafts/{draft.pk}", data, follow=True))
        assert "已保存草稿，但不能提出" in page and "不可能" in page
        assert Pack.objects.count() == 1

    def test_an_old_page_is_refused(self, draft, cast, as_user):
        client = as_user(cast.supervisor)
        data = filled(client, draft, title="甲") | {"sha256": "0" * 64}
        page = text(client.post(f"/policies/drafts/{draft.pk}", data))
        assert "刚被另一人改过" in page

    @pytest.mark.parametrize("who", ["approver", "accountant", "clerk_a", "auditor", "sysadmin"])
    def test_only_the_supervisor_edits(self, draft, pack, cast, as_user, who):
        client = as_user(getattr(cast, who))
        assert client.get(f"/policies/drafts/{draft.pk}").status_code == 403
        assert client.post(f"/policies/{pack.pk}/draft").status_code == 403
        assert client.post(f"/policies/drafts/{draft.pk}/check").status_code == 403

    def test_another_countys_supervisor_sees_nothing(self, draft, pack, other_county, as_user):
        from tests.conftest import make_user

        stranger = make_user("stranger", "外县监管", Role.SUPERVISOR, other_county)
        client = as_user(stranger)
        assert client.get(f"/policies/drafts/{draft.pk}").status_code == 404
        assert client.post(f"/policies/{pack.pk}/draft").status_code == 404
        assert client.post(f"/policies/drafts/{draft.pk}/discard").status_code == 404

    def test_the_list_shows_drafts_until_they_are_discarded(self, draft, cast, as_user):
        client = as_user(cast.supervisor)
        assert f"草稿{draft.pk}" in text(client.get("/policies/"))
        assert "正在修改的草稿" not in text(as_user(cast.approver).get("/policies/"))
        page = text(client.post(f"/policies/drafts/{draft.pk}/discard", follow=True))
        assert "已作废" in page and "正在修改的草稿" not in page
        assert client.get(f"/policies/drafts/{draft.pk}").status_code == 404

    def test_every_shipped_pack_can_be_shown_in_the_editor(self, cast, county, as_user):
        client = as_user(cast.supervisor)
        for path in sorted(PACKS.glob("*.yaml")):
            source = path.read_text(encoding="utf-8")
            code = source.partition('code: "')[2][:6]
            source = source.replace(f'"{code}"', '"500225"', 1)
            pack = propose_pack(actor=cast.supervisor, area=county, source=source)
            page = text(client.post(f"/policies/{pack.pk}/draft", follow=True))
            assert "检查通过" in page, path.stem
