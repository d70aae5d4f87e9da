"""Papers of cover: the medical certificates (医疗证), and the list to sign for them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.clock import today
from accounts.errors import Refusal
from accounts.models import Division
from accounts.permissions import Request
from accounts.scoping import get_visible
from accounts.templatetags.hezuo import day, mask_id
from desk.papers import Facts, PaperKind, paper_route
from enrollment.cover.certificates import with_members
from enrollment.cover.listing import load_packs
from enrollment.cover.models import Certificate
from enrollment.cover.views.places import page_campaign, place_asked_for
from enrollment.people.borne import certificates_on, household_numbers_on
from enrollment.people.registered import place_of
from policies.services import terms_of

Booklet = dict[str, Any]  # a certificate with its members (certificates.with_members)


def _called(booklet: Booklet) -> str:
    """What the booklet is called, as the measures of its year call the insurance:
    新型农村合作医疗证, 城乡居民合作医疗证 (no 保险证), 城乡居民基本医疗保险证."""
    members = booklet["members"]
    scheme = terms_of(members[0].pack).scheme if members else ""
    return f"{scheme.replace('合作医疗保险', '合作医疗')}证" if scheme else ""


def certificate_facts(booklet: Booklet) -> Facts:
    certificate: Certificate = booklet["certificate"]
    household = certificate.household
    on = certificate.issued_on
    return {
        "called": _called(booklet),
        "household": booklet["households"][household.pk, on],
        "head": booklet["head"],
        "issue": certificate.issue,
        "address": f"{place_of(household.division)} {household.address}".strip(),
        "year": certificate.campaign.year,
        "members": [
            {
                "number": booklet["certificates"][line.person_id, on],
                "name": line.person.name,
                "sex": line.person.get_sex_display(),
                "birth_date": day(line.person.birth_date),
                "relationship": line.person.get_relationship_display(),
                "resident_id": line.person.resident_id,
            }
            for line in booklet["members"]
        ],
        "issued_by": certificate.issued_by.name,
        "issued_on": day(certificate.issued_on),
    }


CERTIFICATE = PaperKind(
    "enrollment.certificate",
    "医疗证",
    "enrollment/cover/certificate_paper.html",
    "enrollment.certify",
    certificate_facts,
    subject=lambda booklet: booklet["certificate"],
    clear={"resident_id": mask_id},
)


def _booklets(rows: Any) -> list[Booklet]:
    rows = rows.select_related("household__division__parent__parent", "campaign", "issued_by")
    found = list(rows.order_by("household__division__code", "household__number"))
    booklets = with_members(found, found[0].campaign.year if found else 0)
    load_packs([line for one in booklets for line in one["members"]])
    members = [(line.person, one["certificate"]) for one in booklets for line in one["members"]]
    borne = {
        "households": household_numbers_on((row.household, row.issued_on) for row in found),
        "certificates": certificates_on((person, row.issued_on) for person, row in members),
    }
    return [booklet | borne for booklet in booklets]


def _certificate(request: Request, pk: int) -> list[Booklet]:
    row = get_visible(Certificate, request.user, pk=pk)
    return _booklets(Certificate.objects.filter(pk=row.pk))


def _waiting(request: Request) -> tuple[Division, list[Booklet]]:
    """What waits to be handed out at the place. Raises Refusal where there is no place."""
    under = place_asked_for(request, request.GET.get("under", ""))
    if under is None:
        raise Refusal("请先选择地点")
    rows = Certificate.objects.visible_to(request.user).waiting()
    rows = rows.filter(
        campaign=page_campaign(request), household__division__code__startswith=under.code
    )
    return under, _booklets(rows)


def _all_waiting(request: Request) -> list[Booklet]:
    """One a page."""
    return _waiting(request)[1]


@dataclass(frozen=True)
class HandOut:
    under: Division
    booklets: list[Booklet]
    on: date


def hand_out_facts(row: HandOut) -> Facts:
    return {
        "place": row.under.name,
        "on": day(row.on),
        "lines": [
            {
                "place": place_of(one["certificate"].household.division),
                "household": one["certificate"].household.number,
                "head": one["head"],
                "members": len(one["members"]),
                "is_reissued": one["certificate"].issue > 1,
            }
            for one in row.booklets
        ],
    }


HAND_OUT = PaperKind(
    "enrollment.hand_out",
    "医疗证签领表",
    "enrollment/cover/handout_paper.html",
    "enrollment.certify",
    hand_out_facts,
    subject=lambda row: row.under,
    kept=False,
)


def _hand_out(request: Request) -> HandOut:
    under, booklets = _waiting(request)
    return HandOut(under, booklets, today())


BACK = "enrollment:certificates"
ROUTES = [
    paper_route(
        "watch/certificates/papers",
        CERTIFICATE,
        _all_waiting,
        name="certificate_papers",
        back=BACK,
    ),
    paper_route(
        "watch/certificates/list", HAND_OUT, _hand_out, name="certificate_handout", back=BACK
    ),
    paper_route("watch/certificates/<int:pk>", CERTIFICATE, _certificate, name="certificate_paper"),
]
