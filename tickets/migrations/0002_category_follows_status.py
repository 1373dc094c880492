from django.db import migrations


class Migration(migrations.Migration):
    """Lets the database keep `ticket.category` equal to the category of the ticket's status."""

    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            ALTER TABLE tickets_ticket ADD CONSTRAINT ticket_status_category
            FOREIGN KEY (status_id, category) REFERENCES tickets_status (id, category)
            ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE tickets_ticket DROP CONSTRAINT ticket_status_category",
        ),
    ]
