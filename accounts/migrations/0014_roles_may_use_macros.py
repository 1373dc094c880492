from django.db import migrations


def let_those_who_use_templates_use_macros(apps, schema_editor):
    """A macro is to steps what a template is to text; roles name each right. One that names any of them is left alone."""
    for role in apps.get_model("accounts", "Role").objects.all():
        held = set(role.permissions)
        if any(right.startswith("macros:") for right in held):
            continue
        added = [f"macros:{action}" for action in ("read", "write", "delete") if f"templates:{action}" in held]
        if added:
            role.permissions = [*role.permissions, *added]
            role.save(update_fields=["permissions"])


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0013_roles_may_propose"),
    ]

    operations = [
        migrations.RunPython(let_those_who_use_templates_use_macros, migrations.RunPython.noop),
    ]
