from django.db import migrations

from accounts.append_only import never_deleted


class Migration(migrations.Migration):
    """What two people decided about a person is kept, as every other decision is."""

    dependencies = [("enrollment", "0039_carried_books")]

    operations = [never_deleted("enrollment_proposal")]
