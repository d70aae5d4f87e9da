"""One row of each kind, for the tests that ask the same of every list and every page."""

from datetime import date

from accounts.models import Division, User
from institutions.models import Institution, Level
from supervision.inspections.items import library
from supervision.inspections.models import (
    Checklist,
    Inspection,
    Interest,
    Sweep,
    SweepPlace,
    TeamMember,
)
from supervision.inspections.order_models import (
    HandOver,
    Order,
    OrderLine,
)

DAY = date(2026, 4, 2)


class Rows:
    """In one county; row number n stands at a clinic of its own."""

    def __init__(self, area: Division, village: Division, by: User, other: User) -> None:
        self.area, self.village, self.by, self.other = area, village, by, other

    def clinic(self, at: int) -> Institution:
        return Institution.objects.get_or_create(
            code=f"H5002259{at:04d}",
            defaults={
                "name": f"第{at}村卫生室",
                "level": Level.VILLAGE,
                "division": self.village,
            },
        )[0]

    def checklist(self, at: int) -> Checklist:
        item_list, text = library()["village-clinic-2026"]
        return Checklist.objects.create(
            area=self.area,
            key=item_list.key,
            title=item_list.title,
            first_day=item_list.first_day,
            text=text,
            status="approved",
            evidence=f"府发〔2026〕{at}号",
            reason="年度检查",
            proposed_by=self.by,
            proposed_on=DAY,
            decided_by=self.other,
            decided_on=DAY,
        )

    def interest(self, at: int) -> Interest:
        return Interest.objects.create(
            person=self.by,
            institution=self.clinic(at),
            relation="kin",
            detail="近亲属",
            declared_by=self.by,
        )

    def sweep(self, at: int) -> Sweep:
        return Sweep.objects.create(
            area=self.area,
            title=f"第{at}次检查",
            kind="special",
            basis="合管办〔2026〕5号",
            checklist=Checklist.objects.first() or self.checklist(at),
            rounds=1,
            visits_from=DAY,
            visits_until=DAY,
            summary_until=DAY,
            status="on_site",
            planned_by=self.by,
        )

    def place(self, at: int) -> SweepPlace:
        return SweepPlace.objects.create(sweep=self.sweep(at), institution=self.clinic(at))

    def inspection(self, at: int) -> Inspection:
        row = Inspection.objects.create(
            place=self.place(at), kind="visit", due_on=DAY, arranged_by=self.by
        )
        for user in (self.by, self.other):
            TeamMember.objects.create(inspection=row, user=user)
        return row

    def order(self, at: int) -> Order:
        row = Order.objects.create(
            inspection=self.inspection(at),
            number=f"整改通知书〔2026〕{at}号",
            due_on=DAY,
            issued_by=self.by,
        )
        OrderLine.objects.create(
            order=row,
            item="prices",
            words="公示",
            found="不符合：没有公示",
            requires="补齐",
            source="第三十二条",
            grave=False,
        )
        return row

    def handover(self, at: int) -> HandOver:
        return HandOver.objects.create(
            inspection=self.inspection(at),
            to="health",
            number=f"移送函〔2026〕{at}号",
            reason="超范围执业",
            handed_by=self.by,
        )
