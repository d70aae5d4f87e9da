"""The forms that come with the portal, by their code."""

from pathlib import Path

from supervision.assessment.scoring import Form, read_form

FOLDER = Path(__file__).parent / "sheets"
FORMS: dict[str, Form] = {
    one.code: one
    for one in (read_form(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.iterdir()))
}
