"""What every page of an institution clerk shows: where the clerk works."""

from django.http import HttpRequest

from institutions.models import Institution


def workplace(request: HttpRequest) -> dict[str, str]:
    """Context processor: the institution's name; nothing, and no query, for everybody else."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not user.institution_code:
        return {}
    name = Institution.objects.visible_to(user).values_list("name", flat=True).first()
    return {"workplace": name or user.institution_code}
