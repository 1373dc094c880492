from django.db import migrations


class Migration(migrations.Migration):
    """Every request updates one usage row and one log slot: room on the page keeps those updates off the indexes."""

    dependencies = [("apitokens", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                "ALTER TABLE apitokens_keyusage SET (fillfactor = 50)",
                "ALTER TABLE apitokens_loggedrequest SET (fillfactor = 70)",
            ],
            [
                "ALTER TABLE apitokens_keyusage RESET (fillfactor)",
                "ALTER TABLE apitokens_loggedrequest RESET (fillfactor)",
            ],
        ),
    ]
