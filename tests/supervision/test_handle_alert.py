"""The supervisor concludes on an alert, once, in words."""

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.errors import Refusal
from accounts.models import AuditLine
from supervision.models import Alert
from supervision.services import handle_alert, screen_new_claims

pytestmark = pytest.mark.usefixtures("as_application")


@pytest.fixture
def alert(county, wang, settled) -> Alert:
    settled(wang, 1, 5, off_catalogue="300.00")
    screen_new_claims(area=county)
    return Alert.objects.get()


def test_confirmed_with_a_conclusion(alert, cast):
    done = handle_alert(
        actor=cast.supervisor, alert=alert, event="confirm_alert", reason="无签字，由医院承担 50 元"
    )
    assert done.status == Alert.Status.CONFIRMED
    assert (done.handled_by, done.conclusion) == (cast.supervisor, "无签字，由医院承担 50 元")
    line = AuditLine.objects.get(action="supervision.confirm_alert")
    assert (line.before["status"], line.after["status"]) == ("open", "confirmed")
    assert line.division_code == alert.division.code


def test_dismissed(alert, cast):
    done = handle_alert(
        actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="同意书齐全"
    )
    assert done.status == Alert.Status.DISMISSED
    assert not Alert.objects.open().exists()


@pytest.mark.parametrize("words", ["", "   "])
def test_without_words_nothing_is_concluded(alert, cast, words):
    with pytest.raises(Refusal, match="请写明核查结论") as refused:
        handle_alert(actor=cast.supervisor, alert=alert, event="confirm_alert", reason=words)
    assert refused.value.at == ("reason",)
    alert.refresh_from_db()
    assert alert.status == Alert.Status.OPEN


def test_a_second_conclusion_is_refused(alert, cast):
    handle_alert(actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="同意书齐全")
    with pytest.raises(Refusal, match="现为“排除”，不能办理“属实”"):
        handle_alert(actor=cast.supervisor, alert=alert, event="confirm_alert", reason="改主意了")


def test_the_database_refuses_it_too(alert, cast):
    handle_alert(actor=cast.supervisor, alert=alert, event="dismiss_alert", reason="同意书齐全")
    for change in ("status = 'confirmed'", "status = 'open'", "conclusion = ''"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE supervision_alert SET {change}")
