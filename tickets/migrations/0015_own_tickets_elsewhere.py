from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # So that nobody who writes waits until the index is made.

    dependencies = [
        ('tickets', '0014_service_level_clocks'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(
                fields=['assignee', '-updated_at', '-id'],
                include=['category', 'team', 'merged_into'],
                name='ticket_assignee_newest',
            ),
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='ticket_assignee',
        ),
    ]
