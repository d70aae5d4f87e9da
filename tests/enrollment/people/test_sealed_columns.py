"""What is sealed stays readable when a class gets another name, and opens in no other column."""

import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.test.utils import isolate_apps

from accounts.fields import SealedField
from enrollment.people.models import Household, Person
from lib.sealing import SealError
from tests.conftest import past_the_guards
from tests.enrollment.conftest import resident_id

pytestmark = pytest.mark.django_db

# Column → context, as county databases hold them. A line may be added, none may ever change.
KEPT = {
    "desk_masterfile.content": "desk.masterfile.content",
    "enrollment_bankstatement.content": "enrollment.bankstatement.content",
    "desk_paper.facts": "desk.paper.facts",
    "enrollment_formernumber.number": "enrollment.formernumber.number",
    "enrollment_household.bank_account": "enrollment.household.bank_account",
    "enrollment_household.phone": "enrollment.household.phone",
    "enrollment_listline.number": "enrollment.listline.number",
    "enrollment_person.phone": "enrollment.person.phone",
    "enrollment_person.resident_id": "enrollment.person.resident_id",
    "enrollment_refund.bank_account": "enrollment.refund.bank_account",
    "enrollment_registerhousehold.phone": "enrollment.household.phone",
    "enrollment_registerimport.content": "enrollment.registerimport.content",
    "enrollment_registerrow.resident_id": "enrollment.person.resident_id",
    "enrollment_statuslist.content": "enrollment.statuslist.content",
    "enrollment_taxfile.content": "enrollment.taxfile.content",
    "enrollment_taxrow.resident_id": "enrollment.taxrow.resident_id",
    "enrollment_villagetarget.phone": "enrollment.villagetarget.phone",
}


def sealed_columns():
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedField):
                yield f"{model._meta.db_table}.{field.column}", field


def test_the_contexts_of_old_columns_never_change():
    found = {column: field.context for column, field in sealed_columns()}
    assert {column: found.get(column) for column in KEPT} == KEPT


def test_a_sealed_column_must_name_its_context():
    with pytest.raises(TypeError, match="context"):
        SealedField("证件号码")


@isolate_apps("enrollment")
def test_a_class_with_another_name_reads_the_ids_of_the_old_one(chens):
    """Person renamed to Insured: the same table and field, 陈国强's number as before."""

    class Insured(models.Model):
        name = models.CharField(max_length=40)
        resident_id = Person._meta.get_field("resident_id").clone()

        class Meta:
            app_label = "enrollment"
            db_table = "enrollment_person"
            managed = False

    assert Insured.objects.get(name="陈国强").resident_id == resident_id("19780512", 12)


def test_a_value_moved_to_another_column_does_not_open(chens):
    with connection.cursor() as cursor:
        cursor.execute("SELECT resident_id FROM enrollment_person WHERE name = '陈国强'")
        sealed = cursor.fetchone()[0]
    past_the_guards(Household.objects.filter(pk=chens.pk), bank_account=RawSQL("%s", [sealed]))
    with pytest.raises(SealError):
        chens.refresh_from_db()
