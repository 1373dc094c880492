from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # So that nobody who writes waits until the index is made.

    dependencies = [
        ('tickets', '0017_drafts_outlive_tickets'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(fields=['team', '-id'], include=['merged_into'], name='ticket_team_by_id'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(
                fields=['assignee', '-id'],
                include=['team', 'merged_into'],
                name='ticket_assignee_by_id',
            ),
        ),
    ]
