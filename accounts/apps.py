from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import admin_permissions, history, mailing, reactors, resources, seeds  # noqa: F401
        from accounts.actions import administrators  # noqa: F401 - importing it registers what it guards.
        from accounts.permissions import Permission
        from accounts.policy import visible

        for model in ("agent", "role", "team", "contact", "organization"):
            admin_permissions.register(f"accounts.{model}", f"{model}s")
            history.register(model, partial(visible, model=self.get_model(model)))
        for permission, model in (
            (Permission.CONTACTS_READ, "contact"),
            (Permission.ORGANIZATIONS_READ, "organization"),
        ):
            resources.register(permission, partial(visible, model=self.get_model(model)))
        admin_permissions.register("accounts.contactemail", "contacts")
        admin_permissions.register("accounts.helpdesksettings", "settings")
        admin_permissions.register("accounts.customfield", "settings")
        history.register("customfield", partial(visible, model=self.get_model("customfield")))
        history.register("helpdesksettings", partial(visible, model=self.get_model("helpdesksettings")))
        admin_permissions.register("activity.event", "events")
        post_migrate.connect(seeds.ensure_defaults, sender=self)
