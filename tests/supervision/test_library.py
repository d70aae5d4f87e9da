"""The rule library as data: published files, what the county makes of them, what is found."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refusal
from claims.models import BillLine, Settlement
from enrollment.models import Person
from supervision.library.figures import kind_figures
from supervision.library.importing import LIBRARY_FILES
from supervision.library.models import (
    LibraryChange,
    LibraryFile,
    LibraryGap,
    LibraryHit,
    LibraryPoint,
)
from supervision.library.reading import ages_of, kinds_off, library_of
from supervision.library.services import (
    decide_change,
    propose_ages,
    propose_point,
    propose_switch_of_kind,
    propose_switch_of_point,
)
from supervision.models import Alert
from supervision.rules.points import AgeBounds, Kind
from supervision.services import screen_new_claims
from tests.supervision.library_cases import file, with_the_library

pytestmark = pytest.mark.django_db
TODAY, JANUARY = date(2026, 3, 31), date(2026, 1, 1)
HEADER = (
    "batch,seq,rule_kind,subject,item_code,item_name,limit_kind,limit_value,limit_text,unit,window,"
    "pair_code,pair_name,legal_ground,ground_source,caveat"
)
PILL, SYRUP, TUBE = "ZD03AAA0043010100166", "ZD03AAA0043010100167", "004200000100000"
WOMEN = f"1,1,sex,drug,{PILL},暖宫丸,sex_is,2,女,,,,,药品说明书,printed,"
CHILDREN = f"1,2,age,drug,{SYRUP},小儿糖浆,age_group,child,儿童,,,,,药品说明书,printed,"
ONCE = f"8,1,frequency,service,{TUBE},固定架,quantity_at_most,1,1日,day,day,,,,,"
Captured = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def take(
    cast: SimpleNamespace, django_capture_on_commit_callbacks: Captured
) -> Callable[..., LibraryFile]:
    """take(row, …): the rows as a file, sent and confirmed by the supervisor 周监管."""

    def go(*rows: str, first_day: date = JANUARY, confirm: bool = True) -> LibraryFile:
        return whole("\n".join([HEADER, *rows]).encode(), first_day, confirm)

    def whole(content: bytes, first_day: date, confirm: bool) -> LibraryFile:
        with django_capture_on_commit_callbacks(execute=True):
            sent, _ = LIBRARY_FILES.upload(
                actor=cast.supervisor, file_name="rules.csv", content=content, on=TODAY,
                first_day=first_day,
            )  # fmt: skip
        sent.refresh_from_db()
        if confirm:
            with django_capture_on_commit_callbacks(execute=True):
                LIBRARY_FILES.confirm(
                    actor=cast.supervisor, upload=sent, sha256=sent.sha256, on=TODAY
                )
            sent.refresh_from_db()
        return sent

    go.whole = whole  # type: ignore[attr-defined]
    return go


def counts(sent: LibraryFile) -> tuple[int, int, int, int]:
    return sent.new_count, sent.changed_count, sent.same_count, sent.refused_count


def notes(sent: LibraryFile) -> list[str]:
    return list(sent.lines.filter(verdict="refused").values_list("note", flat=True))


class TestFiles:
    def test_every_row_is_taken_or_named_with_its_reason(self, take):
        sent = take(
            WOMEN,
            CHILDREN,
            WOMEN,
            ONCE.replace(TUBE, TUBE[2:]),  # what a spreadsheet makes of a number
            WOMEN.replace("1,1,sex,", "1,4,sexes,"),
            WOMEN.replace("1,1,", "1,5,").replace("sex_is,2", "sex_is,3"),
        )
        assert sent.status == LibraryFile.Status.DONE
        assert counts(sent) == (2, 0, 0, 4)
        assert notes(sent) == [
            "第 2 行已有同批次同序号的知识点",
            "项目编码应为 15 位数字，开头的 0 不能丢（请将该列设为文本）",
            "没有规则类别“sexes”，可填：sex、age、same_incision、insurance、care_kind、"
            "institution_level、course、duplicate、frequency、cycle",
            "限定值“3”看不懂，可填：1、2",
        ]
        assert sent.totals == [[1, "age", "drug", "child", 1], [1, "sex", "drug", "2", 1]]
        pill = LibraryPoint.objects.get(code=PILL)
        assert (pill.kind, pill.value, pill.ground, pill.sure, pill.file) == (
            "sex", "2", "药品说明书", True, sent,
        )  # fmt: skip

    def test_the_same_file_again_changes_nothing(self, take, cast):
        first = take(WOMEN, CHILDREN)
        again = take(WOMEN, CHILDREN, confirm=False)
        assert again == first
        reordered = take(CHILDREN, WOMEN, confirm=False)
        assert counts(reordered) == (0, 0, 2, 0)
        with pytest.raises(Refusal, match="没有新增或变更"):
            LIBRARY_FILES.confirm(
                actor=cast.supervisor, upload=reordered, sha256=reordered.sha256, on=TODAY
            )
        assert LibraryPoint.objects.count() == 2

    def test_a_later_version_ends_the_earlier_one_and_each_visit_has_its_own(self, take, county):
        take(WOMEN, CHILDREN)
        march = date(2026, 3, 10)
        later = take(WOMEN.replace("sex_is,2,女", "sex_is,1,男"), CHILDREN, first_day=march)
        assert counts(later) == (0, 1, 1, 0)
        assert later.lines.get(verdict="changed").note == "限定值、限定与现行不同"
        was, now = LibraryPoint.objects.filter(code=PILL).order_by("pk")
        assert (was.last_day, now.first_day, now.last_day) == (march - timedelta(1), march, None)
        points = library_of(county.code, {PILL}).by_code[PILL]
        assert [one.value for one in points if one.holds(date(2026, 3, 9))] == ["2"]
        assert [one.value for one in points if one.holds(march)] == ["1"]

    def test_a_version_from_an_earlier_day_is_refused_row_by_row(self, take):
        take(WOMEN, first_day=date(2026, 3, 10))
        sent = take(WOMEN.replace("女", "女性"), first_day=JANUARY, confirm=False)
        assert notes(sent) == ["现行的自 2026-03-10 起适用，新的应更晚，请改适用日期后重新上传"]

    def test_only_the_county_takes_files(self, cast):
        with pytest.raises(Refusal, match="县基金监管岗"):
            LIBRARY_FILES.upload(
                actor=cast.clerk_a, file_name="a.csv", content=b"a", on=TODAY, first_day=TODAY
            )

    @with_the_library
    def test_published_rows_are_taken_and_again_change_nothing(self, take):
        """Every twentieth of the 15 618 rows (`bench/library.py` takes all): 781, none refused.
        With a line's end more it is another file of the same rows."""
        header, *rows = file("rules.csv").splitlines(keepends=True)
        part = header + b"".join(rows[::20])
        sent = take.whole(part, JANUARY, True)
        assert counts(sent) == (781, 0, 0, 0)
        assert sum(row[-1] for row in sent.totals) == 781
        again = take.whole(part + b"\n", JANUARY, False)
        assert counts(again) == (0, 0, 781, 0)
        assert LibraryPoint.objects.count() == 781


@pytest.fixture
def billed(settled) -> Callable[..., Settlement]:
    """billed(person, (code, name, quantity), …): a stay of 1 to 9 March with these lines."""

    def enter(person: Person, *lines: tuple[str, str, int], own_code: str = "") -> Settlement:
        claim: Settlement = settled(person, 1, 9)
        for at, (code, name, quantity) in enumerate(lines, start=1):
            BillLine.objects.create(
                visit=claim.visit, line_number=at, item_code=code, item_name=name,
                own_code=own_code,
                category="western_drug", bill_class="A", quantity=quantity, unit_price=10,
                amount=Decimal(10 * quantity), approved_amount=Decimal(10 * quantity),
            )  # fmt: skip
        return claim

    return enter


class TestScreening:
    def test_a_mans_pill_for_women_holds_the_payment_and_stands_with_its_point(
        self, take, county, wang, billed
    ):
        take(WOMEN, CHILDREN)
        claim = billed(wang, (PILL, "暖宫丸", 2), ("X01", "青霉素", 1))
        screen_new_claims(area=county)
        alert = Alert.objects.get(rule="K01")
        assert (alert.settlement, alert.certainty) == (claim, "certain")
        assert alert.finding == "“暖宫丸”限女性，参保人登记为男性（药品说明书）"
        assert LibraryHit.objects.get().point.code == PILL
        assert claim.holds.standing().count() == 1

    def test_two_points_of_a_kind_are_one_alert(self, take, county, wang, billed):
        take(WOMEN, WOMEN.replace("1,1,", "1,9,").replace(PILL, SYRUP).replace("暖宫丸", "调经丸"))
        billed(wang, (PILL, "暖宫丸", 2), (SYRUP, "调经丸", 1))
        screen_new_claims(area=county)
        assert Alert.objects.filter(rule="K01").count() == 1
        assert LibraryHit.objects.count() == 2

    def test_what_a_bill_does_not_carry_is_counted_and_not_guessed(
        self, take, county, wang, billed, cast
    ):
        """Nine pieces without a day in nine days may be one a day; ten cannot."""
        take(ONCE)
        claim = billed(wang, (TUBE, "固定架", 9))
        screen_new_claims(area=county)
        assert not Alert.objects.filter(rule="K09").exists()
        gap = LibraryGap.objects.get()
        assert (gap.settlement, gap.kind, gap.missing, gap.points) == (claim, "frequency", "day", 1)
        figures = {one.kind: one for one in kind_figures(cast.supervisor)}
        assert figures[Kind.FREQUENCY].gaps == [("计费日期", 1, 1)]

    def test_the_own_code_of_an_institution_says_what_a_line_is(
        self, take, county, wang, billed, hospital, cast
    ):
        take(WOMEN)
        hospital.mappings.create(
            own_code="YP-7", own_name="暖宫丸", kind="101", code=PILL, first_day=JANUARY,
            status="agreed", proposed_by=cast.hospital_clerk, decided_by=cast.supervisor,
        )  # fmt: skip
        claim = billed(wang, ("", "暖宫丸", 1), own_code="YP-7")
        screen_new_claims(area=county)
        assert Alert.objects.filter(rule="K01", settlement=claim).exists()

    def test_without_points_it_costs_one_statement_and_the_claims_none(
        self, take, county, wang, neighbours, billed
    ):
        def statements() -> int:
            with CaptureQueriesContext(connection) as queries:
                screen_new_claims(area=county)
            return len(queries)

        # Two findings on each, which become one event (a statement where there are any such).
        take(WOMEN, CHILDREN, ONCE)
        lines = (PILL, "暖宫丸", 1), (SYRUP, "糖浆", 1), (TUBE, "固定架", 9)
        billed(wang, *lines)
        alone = statements()
        for person in neighbours:
            billed(person, *lines)
        assert statements() == alone

    def test_what_was_found_stays_in_sql(self, take, county, wang, billed):
        take(WOMEN, ONCE)
        billed(wang, (PILL, "暖宫丸", 2), (TUBE, "固定架", 9))
        screen_new_claims(area=county)
        for statement in (
            "DELETE FROM supervision_libraryhit",
            "UPDATE supervision_librarygap SET points = 0",
            "UPDATE supervision_librarypoint SET value = '1'",
            "DELETE FROM supervision_librarypoint",
        ):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


@pytest.fixture
def agreed(cast: SimpleNamespace) -> Callable[[LibraryChange], LibraryChange]:
    def go(change: LibraryChange) -> LibraryChange:
        return decide_change(
            actor=cast.approver, row=change, event="approve_library_change", on=TODAY
        )

    return go


@pytest.fixture
def asked(cast: SimpleNamespace) -> dict[str, Any]:
    return {
        "actor": cast.supervisor, "evidence": "监管科纪要 3 号", "reason": "本县医院无此药",
        "on": TODAY,
    }  # fmt: skip


class TestChanges:
    def test_a_point_is_off_once_another_has_agreed_and_on_again_the_same_way(
        self, take, county, wang, billed, asked, agreed, cast
    ):
        take(WOMEN)
        pill = LibraryPoint.objects.get()
        change = propose_switch_of_point(point=pill, **asked)
        with pytest.raises(Refusal):
            decide_change(
                actor=cast.supervisor, row=change, event="approve_library_change", on=TODAY
            )
        assert library_of(county.code, {PILL}).by_code
        agreed(change)
        assert not library_of(county.code, {PILL}).by_code
        billed(wang, (PILL, "暖宫丸", 2))
        screen_new_claims(area=county)
        assert not Alert.objects.filter(rule="K01").exists()
        pill.refresh_from_db()
        back = agreed(propose_switch_of_point(point=pill, **asked))
        assert back.what == "point_on"
        assert library_of(county.code, {PILL}).by_code

    def test_what_is_off_stays_off_in_a_later_version(self, take, county, asked, agreed):
        take(WOMEN)
        agreed(propose_switch_of_point(point=LibraryPoint.objects.get(), **asked))
        take(WOMEN.replace("女", "女性"), first_day=TODAY)
        assert LibraryPoint.objects.get(last_day=None).is_on is False

    def test_a_kind_is_off_whole(self, take, county, asked, agreed):
        take(WOMEN, CHILDREN)
        agreed(propose_switch_of_kind(area=county, kind=Kind.SEX, **asked))
        assert kinds_off(county.code) == {Kind.SEX}
        assert set(library_of(county.code, {PILL, SYRUP}).by_code) == {SYRUP}
        agreed(propose_switch_of_kind(area=county, kind=Kind.SEX, **asked))
        assert kinds_off(county.code) == frozenset()

    def test_one_waits_at_a_time(self, take, county, asked):
        take(WOMEN)
        propose_switch_of_kind(area=county, kind=Kind.SEX, **asked)
        with pytest.raises(Refusal, match="已有一份同样的申请"):
            propose_switch_of_kind(area=county, kind=Kind.SEX, **asked)
        propose_switch_of_point(point=LibraryPoint.objects.get(), **asked)
        with pytest.raises(Refusal, match="已有一份申请待审批"):
            propose_switch_of_point(point=LibraryPoint.objects.get(), **asked)

    def test_the_county_bounds_the_ages(self, county, asked, agreed):
        assert ages_of(county.code) == AgeBounds()
        bounds = AgeBounds(child_years=14)
        agreed(propose_ages(area=county, ages=bounds, **asked))
        assert ages_of(county.code) == bounds
        with pytest.raises(Refusal, match="上限应大于下限"):
            propose_ages(area=county, ages=AgeBounds(working_until=16), **asked)

    def test_a_point_of_the_countys_own(self, county, wang, billed, asked, agreed):
        cells = {
            "rule_kind": "sex", "subject": "drug", "item_code": SYRUP, "item_name": "调经膏",
            "limit_kind": "sex_is", "limit_value": "2", "limit_text": "限女性", "unit": "",
            "window": "", "pair_code": "", "pair_name": "", "legal_ground": "县药事会纪要",
            "ground_source": "county", "caveat": "",
        }  # fmt: skip
        change = propose_point(area=county, cells=cells, **asked)
        assert not LibraryPoint.objects.exists()
        own = agreed(change).point
        assert own is not None
        assert (own.origin, own.first_day) == ("本县 1 号", TODAY)
        assert agreed(propose_point(area=county, cells=cells, **asked)).point.seq == 2
        with pytest.raises(Refusal, match="药品编码应为") as refused:
            propose_point(area=county, cells=cells | {"item_code": "短"}, **asked)
        assert refused.value.at == ("item_code",)

    def test_a_switch_of_a_version_that_was_replaced_meanwhile_is_refused(
        self, take, asked, agreed
    ):
        take(WOMEN)
        change = propose_switch_of_point(point=LibraryPoint.objects.get(), **asked)
        take(WOMEN.replace("女", "女性"), first_day=TODAY)
        with pytest.raises(Refusal, match="已被新版替换"):
            agreed(change)

    def test_others_see_nothing_of_it(self, take, cast):
        take(WOMEN)
        assert LibraryPoint.objects.visible_to(cast.supervisor).count() == 1
        assert LibraryPoint.objects.visible_to(cast.other_officer).count() == 0
