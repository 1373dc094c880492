import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What applications do for agents is counted by the day like what keys do, with the same room on the page."""

    dependencies = [("apitokens", "0007_bot_tokens")]

    operations = [
        migrations.CreateModel(
            name="ConsentDailyUse",
            fields=[
                ("day", models.DateField()),
                ("operation", models.CharField(max_length=60)),
                ("outcome", models.PositiveSmallIntegerField()),
                ("requests", models.PositiveIntegerField(default=1)),
                ("pk", models.CompositePrimaryKey("consent_id", "day", "operation", "outcome", blank=True, editable=False, primary_key=True, serialize=False)),
                ("consent", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="days", to="apitokens.consent")),
            ],
        ),
        migrations.CreateModel(
            name="ConsentSeenAddress",
            fields=[
                ("secret", models.CharField(choices=[("current", "current"), ("previous", "previous")], max_length=8)),
                ("address", models.GenericIPAddressField()),
                ("user_agent", models.CharField(max_length=256)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("pk", models.CompositePrimaryKey("consent_id", "secret", "address", "user_agent", blank=True, editable=False, primary_key=True, serialize=False)),
                ("consent", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="seen_addresses", to="apitokens.consent")),
            ],
        ),
        migrations.CreateModel(
            name="ConsentUsedScope",
            fields=[
                ("permission", models.CharField(max_length=40)),
                ("last_day", models.DateField()),
                ("pk", models.CompositePrimaryKey("consent_id", "permission", blank=True, editable=False, primary_key=True, serialize=False)),
                ("consent", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="used_scopes", to="apitokens.consent")),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE apitokens_consentdailyuse SET (fillfactor = 70)",
            "ALTER TABLE apitokens_consentdailyuse RESET (fillfactor)",
        ),
    ]
