"""Names of the register in the one spelling in which they are typed and compared since.

Dots of several fonts, radicals in place of characters, marks that nobody sees: a name that two
programs wrote differently did not meet itself. Names that are in order are not touched, and the
papers that were issued keep what they said.
"""

from django.db import migrations

from lib import typed_text
from lib.spelling import spell

# Not all ideographs, plain letters and single blanks: what `typed_text.name` may change.
PERHAPS = r"[^\u4e00-\u9fff\u3400-\u4dbfA-Za-z·]"


def one_spelling(apps, schema_editor):
    people = apps.get_model("enrollment", "Person").objects.using(schema_editor.connection.alias)
    rows = people.filter(name__regex=PERHAPS).only("name").order_by("pk")
    for person in rows.iterator(chunk_size=2000):
        name = typed_text.name(person.name)
        if name and name != person.name:
            sound = spell(name)
            people.filter(pk=person.pk).update(
                name=name, pinyin=sound.pinyin, initials=sound.initials
            )


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0024_standing_of_rows")]

    operations = [migrations.RunPython(one_spelling, migrations.RunPython.noop)]
