from django.db import migrations


def let_those_who_write_propose(apps, schema_editor):
    """Whoever may write tickets or notes may suggest what others do; roles name each right."""
    for role in apps.get_model("accounts", "Role").objects.all():
        writes = {"tickets:write", "messages:write", "notes:write"} & set(role.permissions)
        if writes and "tickets:propose" not in role.permissions:
            role.permissions = [*role.permissions, "tickets:propose"]
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0012_language_of_ones_own"),
    ]

    operations = [
        migrations.RunPython(let_those_who_write_propose, migrations.RunPython.noop),
    ]
