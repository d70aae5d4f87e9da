"""Words for two more lost races. State only: nothing changes in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [('enrollment', '0022_statements')]

    operations = [
        migrations.AlterConstraint(
            model_name='expectedchild',
            name='expected_child_once',
            constraint=models.UniqueConstraint(condition=models.Q(('dropped_on', None)), fields=('mother', 'working_name'), name='expected_child_once', violation_error_code='working_name', violation_error_message='这个孩子刚由别人登记过，请刷新'),
        ),
        migrations.AlterConstraint(
            model_name='registerimport',
            name='register_file_once',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('failed', 'discarded')), _negated=True), fields=('township', 'campaign', 'sha256'), name='register_file_once', violation_error_code='file', violation_error_message='这份名册刚由别人上传，请刷新'),
        ),
    ]
