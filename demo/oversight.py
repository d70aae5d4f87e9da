"""What the supervisors have under way when somebody opens the demo county for the first time: a
sweep with its visits and an order, two complaints of which one is a clue, notices of which one
hangs and one is objected to, a rule's threshold put forward. Small, by the services that the pages
call; the same county each time.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from accounts.models import Division
from accounts.roles import Role
from demo.foundation import Foundation
from demo.plan import Plan
from desk.decisions import Asked
from desk.models import Paper
from desk.papers import PaperKind, print_paper
from institutions.models import Institution, Level
from lib.periods import Month
from supervision.complaints.models import Complaint
from supervision.complaints.services import Told, step_complaint, take_complaint, to_clue
from supervision.inspections import services as inspecting
from supervision.inspections.answering import Typed, finish_inspection, take_answers
from supervision.inspections.items import DAY, NUMBER, Item, library
from supervision.inspections.models import Checklist, Inspection, Sweep
from supervision.inspections.rectifying import issue_order
from supervision.inspections.workflow import CHECKLISTS
from supervision.notices import villages_with_payments
from supervision.papers import NOTICE, Notice
from supervision.public.notices import ENROLLED, PublicNotice, campaign_span
from supervision.public.papers import NOTICE_ENROLLED
from supervision.public.services import Hung, Said, put_up, set_contact, take_objection
from supervision.public.spans import quarter_before
from supervision.publicity.models import PublicityMeasure, PublicityTask
from supervision.publicity.services import Planned, Reported, plan_measure, report_done
from supervision.sampling.models import Sample
from supervision.sampling.services import check_item, draw_sample, propose_rates, seal_quarter
from supervision.sampling.workflow import RATES
from supervision.thresholds.reading import in_force
from supervision.thresholds.services import propose_version

MEETING = "合管办〔{year}〕{number}号"
VISITED = 3
# What the second clinic does not keep to, and what is noted of it.
FAULTS = {
    "prices": "三种药没有标价",
    "stocktaking": "九月、十月没有盘点记录",
}


def oversee(plan: Plan, foundation: Foundation) -> None:
    """All of it, as of the county's last day."""
    _Oversight(plan, foundation).run()


class _Oversight:
    def __init__(self, plan: Plan, foundation: Foundation) -> None:
        self.on = plan.last_day
        self.chance = plan.chance("oversight")
        self.foundation = foundation
        self.area = foundation.county
        self.lead, self.second = (foundation.users[one] for one in ("jianguan", "jianguan2"))
        self.approver = foundation.officer(Role.APPROVER)
        self.clerk = foundation.users["jingban"]

    def run(self) -> None:
        self._inspections()
        self._complaints()
        self._notices()
        self._thresholds()
        self._full_check()
        self._publicity()

    def _meeting(self, number: int) -> str:
        return MEETING.format(year=self.on.year, number=number)

    # Inspections

    def _inspections(self) -> None:
        for name in ("village-clinic-2026", "hospital-2026"):
            first = max(date(self.on.year, 1, 1), library()[name][0].first_day)
            if first > self.on:
                return
            asked = Asked(self.lead, self.on, self._meeting(11), "年度检查")
            row = inspecting.propose_checklist(
                asked=asked, area=self.area, name=name, first_day=first
            )
            CHECKLISTS.decide(row, "approve_checklist", actor=self.approver, on=self.on)
            if name.startswith("village"):
                self._sweep(Checklist.objects.get(pk=row.pk))

    def _sweep(self, checklist: Checklist) -> None:
        """Over all village clinics: at the first nothing is found, the second gets an order, to the
        third the team is on its way, the others wait to be arranged."""
        plan = inspecting.Plan(
            title="村卫生室合作医疗服务检查", kind=Sweep.Kind.SPECIAL, partners="",
            basis=self._meeting(12), checklist=checklist, rounds=1, self_check_until=None,
            visits_from=self.on - timedelta(days=3), visits_until=self.on + timedelta(days=27),
            summary_until=self.on + timedelta(days=37),
        )  # fmt: skip
        clinics = Institution.objects.visible_to(self.lead).filter(level=Level.VILLAGE)
        sweep = inspecting.plan_sweep(
            actor=self.lead, area=self.area, plan=plan, institutions=list(clinics.order_by("code"))
        )
        inspecting.move_sweep(
            actor=self.lead, sweep=sweep, event="begin_visits", reason="", on=self.on
        )
        visits = inspecting.arrange_visits(
            actor=self.lead,
            places=list(sweep.places.order_by("institution__code")[:VISITED]),
            members=[self.lead, self.second],
            due_on=self.on + timedelta(days=10),
        )
        for row, faults in zip(visits, ({}, FAULTS), strict=False):
            self._visit(row, faults)

    def _visit(self, row: Inspection, faults: Mapping[str, str]) -> None:
        typed = [self._typed(item, faults.get(item.code, "")) for item in row.items]
        take_answers(actor=self.second, inspection=row, typed=typed)
        row = finish_inspection(
            actor=self.second,
            inspection=Inspection.objects.get(pk=row.pk),
            present="卫生室负责人",
            remark="",
        )
        if faults:
            issue_order(actor=self.second, inspection=row, days=10, words="", on=self.on)

    def _typed(self, item: Item, note: str) -> Typed:
        fine = {NUMBER: "0", DAY: f"{self.on.year + 1}-12-31"}.get(item.kind, "good")
        return Typed(
            item=item.code,
            key=UUID(int=self.chance.getrandbits(128), version=4),
            base=None,
            value="bad" if note else fine,
            note=note,
            typed_at=timezone.now(),
        )

    # Complaints

    def _complaints(self) -> None:
        """One waits to be accepted; one was, and is a clue."""
        clinics = Institution.objects.visible_to(self.lead).filter(level=Level.VILLAGE)
        named = list(clinics.order_by("code")[:VISITED])
        first = Told(
            channel=Complaint.Channel.PHONE,
            about=named[-1].name,
            told="来电反映：拿药没有给收据，墙上也没有药品价格",
        )
        take_complaint(actor=self.lead, area=self.area, said=first, on=self.on)
        second = Told(
            channel=Complaint.Channel.LETTER,
            about=named[1].name,
            told="来信反映：登记簿上有本人的门诊记录，当天本人在外地务工",
            informant="来信署名，地址见原件",
        )
        row = take_complaint(actor=self.lead, area=self.area, said=second, on=self.on)
        row = step_complaint(actor=self.lead, row=row, event="accept_complaint", on=self.on)
        to_clue(actor=self.lead, row=row, on=self.on)

    # Notices

    def _notices(self) -> None:
        """Of the shown township: the village's enrolment hangs and is objected to, its payments
        of last month are printed and wait to be put up."""
        place = self.clerk.division
        assert place is not None
        set_contact(
            actor=self.lead, place=self.area, office="县合作医疗管理办公室", phone="023-43722345"
        )
        set_contact(
            actor=self.clerk, place=place, office=f"{place.name}合作医疗经办窗口",
            phone="023-43722346", address="便民服务中心",
        )  # fmt: skip
        span = campaign_span(self.area.code, str(self.on.year))
        village = Division.objects.select_related("parent").get(
            code=self.foundation.users["cungan"].division_code
        )
        notice = PublicNotice(kind=ENROLLED, place=village, span=span, on=self.on)
        if span.last < self.on:
            paper = self._printed(NOTICE_ENROLLED, notice)
            printed = timezone.localtime(paper.printed_at).date()
            hung = Hung(where="村委会公示栏", put_up_by="杨大山", put_up_on=printed)
            put_up(actor=self.clerk, paper=paper, hung=hung, on=printed)
            said = Said(
                told="我家去年 11 月交了四个人的钱，表上只写了三个人",
                objector="村民来村委会当面提出",
                due_on=self.on + timedelta(days=10),
            )
            take_objection(actor=self.clerk, paper=paper, said=said, on=self.on)
        month = Month.of(self.on).previous()
        for one in villages_with_payments(user=self.clerk, month=month)[:1]:
            self._printed(NOTICE, Notice(one.village, month, self.on))

    def _printed(self, kind: PaperKind, notice: object) -> Paper:
        found = print_paper(kind, notice, actor=self.clerk, on=self.on).original
        assert found is not None
        return found

    # The year's publicity

    def _publicity(self) -> None:
        """Leaflets in every village, of which the shown village reported; meetings of townships
        and the county's broadcast, which are still to come."""
        form_of, reach_of = PublicityMeasure.Form, PublicityMeasure.Reach
        year = self.on.year + 1
        for what, form, reach, charged, days in (
            (f"{year}年度参保缴费政策", form_of.LEAFLET, reach_of.VILLAGES, "各村委会", 10),
            (f"{year}年度参保缴费动员", form_of.MEETING, reach_of.TOWNSHIPS, "各乡镇医保办", 20),
            ("骗保案例和举报电话", form_of.BROADCAST, reach_of.COUNTY, "县合管办", 25),
        ):
            planned = Planned(
                what=what, form=form, reach=reach, charged=charged,
                due_on=self.on + timedelta(days=days),
            )  # fmt: skip
            plan_measure(actor=self.lead, area=self.area, planned=planned, on=self.on)
        village = self.foundation.users["cungan"].division_code
        task = PublicityTask.objects.get(
            division__code=village, measure__reach=reach_of.VILLAGES, measure__area=self.area
        )
        told = Reported(done_on=self.on, count=120, note="随入户收缴逐户发放")
        report_done(actor=self.clerk, row=task, told=told, on=self.on)

    # The full check of the last quarter

    def _full_check(self) -> None:
        """By bounds that fit the county; its list is drawn, the first settlements are checked."""
        quarter = quarter_before(self.on)
        rates = propose_rates(
            actor=self.lead, area=self.area, on=self.on, usual=Decimal(10), raised=Decimal(20),
            large_from=Decimal(5_000), full_from=Decimal(500), full_doubts=3,
            evidence=self._meeting(14), reason="按季全面检查",
        )  # fmt: skip
        RATES.decide(rates, "approve_sampling_rate", actor=self.approver, on=self.on)
        seal_quarter(area=self.area, quarter=quarter, on=quarter.first)
        row = Sample.objects.get(area=self.area, span=Sample.Span.QUARTER, first_on=quarter.first)
        draw_sample(actor=self.lead, row=row, on=self.on)
        for item in row.items.order_by("position")[:VISITED]:
            check_item(actor=self.lead, item=item, event="agree_item")

    # Thresholds

    def _thresholds(self) -> None:
        """A term that is to be shorter from next month on waits for its trial and its decision."""
        first = Month.of(self.on).next().first
        values = in_force(self.area.code, first).values | {"verify_days": 8}
        propose_version(
            actor=self.lead, area=self.area, values=values, off=[], first_day=first,
            evidence=self._meeting(13), reason="核实提速，十个工作日改为八个", on=self.on,
        )  # fmt: skip
