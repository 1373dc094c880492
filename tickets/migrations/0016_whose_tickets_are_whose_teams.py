from django.db import migrations

# Who works in a team has the tickets of that team, and hardly one of another. Without knowing that, PostgreSQL expects
# many where there are none, and walks a whole list to find them.
_FORWARDS = """
    CREATE STATISTICS ticket_whose (mcv) ON assignee_id, team_id FROM tickets_ticket;
    ANALYZE tickets_ticket;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0015_own_tickets_elsewhere'),
    ]

    operations = [
        migrations.RunSQL(_FORWARDS, "DROP STATISTICS ticket_whose"),
    ]
