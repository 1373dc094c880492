from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside its newest secret a key keeps, for a time, the one before."""

    dependencies = [("apitokens", "0003_writing_safely")]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="previous_digest",
            field=models.BinaryField(max_length=32, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="previous_hint",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=4),
        ),
        migrations.AddField(
            model_name="apikey",
            name="previous_until",
            field=models.DateTimeField(editable=False, null=True, verbose_name="previous secret accepted until"),
        ),
        migrations.AddField(
            model_name="apikey",
            name="rotated_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="rotated"),
        ),
        migrations.AddField(
            model_name="loggedrequest",
            name="secret",
            field=models.CharField(
                choices=[("current", "current"), ("previous", "previous")],
                db_default="current",
                default="current",
                max_length=8,
                verbose_name="secret",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("previous_digest", None), ("previous_until", None)), models.Q(("previous_digest__isnull", False), ("previous_until__isnull", False)), _connector="OR"), name="previous_secrets_end"),
        ),
    ]
