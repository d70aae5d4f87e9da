"""Open drafts go on in the present format, the only one that can be proposed."""

from django.db import migrations

from policies.loading.format_one import lifted


def lift(apps, schema_editor):
    for draft in apps.get_model("policies", "Draft").objects.filter(proposed=None):
        draft.source = lifted(draft.source)
        draft.save(update_fields=["source"])


class Migration(migrations.Migration):
    dependencies = [("policies", "0005_measures_end")]

    # Backwards the drafts keep what they say; the reader of that day names what it does not know.
    operations = [migrations.RunPython(lift, migrations.RunPython.noop)]
