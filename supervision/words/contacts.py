"""Where a party brings what it has to say."""

from accounts.models import Division
from supervision.public.models import NoticeContact


def where_to_answer(place: Division) -> str:
    """The county's office with address and telephone, as far as they are told."""
    code = place.county_code
    row = NoticeContact.objects.filter(division__code=code).first()
    if row is None:
        area = Division.objects.filter(code=code).first()
        return f"{area.name if area else ''}医疗保障局"
    said = "，".join(filter(None, (row.address, f"电话 {row.phone}" if row.phone else "")))
    return f"{row.office}（{said}）" if said else row.office
