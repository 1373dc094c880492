from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import admin_permissions, reactors, seeds  # noqa: F401

        for model in ("agent", "role", "team", "contact", "organization"):
            admin_permissions.register(f"accounts.{model}", f"{model}s")
        admin_permissions.register("accounts.contactemail", "contacts")
        admin_permissions.register("activity.event", "events")
        post_migrate.connect(seeds.ensure_defaults, sender=self)
