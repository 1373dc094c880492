import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What keys do is counted by the day; room on the page keeps the counting off the indexes."""

    dependencies = [("apitokens", "0004_secrets_overlap")]

    operations = [
        migrations.CreateModel(
            name="DailyUse",
            fields=[
                ("key", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="days", to="apitokens.apikey")),
                ("pk", models.CompositePrimaryKey("key_id", "day", "operation", "outcome", blank=True, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("operation", models.CharField(max_length=60)),
                ("outcome", models.PositiveSmallIntegerField()),
                ("requests", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="SeenAddress",
            fields=[
                ("key", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="seen_addresses", to="apitokens.apikey")),
                ("pk", models.CompositePrimaryKey("key_id", "secret", "address", "user_agent", blank=True, editable=False, primary_key=True, serialize=False)),
                ("secret", models.CharField(choices=[("current", "current"), ("previous", "previous")], max_length=8)),
                ("address", models.GenericIPAddressField()),
                ("user_agent", models.CharField(max_length=256)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="UsedScope",
            fields=[
                ("key", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="used_scopes", to="apitokens.apikey")),
                ("pk", models.CompositePrimaryKey("key_id", "permission", blank=True, editable=False, primary_key=True, serialize=False)),
                ("permission", models.CharField(max_length=40)),
                ("last_day", models.DateField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE apitokens_dailyuse SET (fillfactor = 70)",
            "ALTER TABLE apitokens_dailyuse RESET (fillfactor)",
        ),
    ]
