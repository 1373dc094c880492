from django.apps import AppConfig


class AutomationsConfig(AppConfig):
    name = "automations"
    verbose_name = "Automations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from accounts import admin_permissions, history, settings_pages
        from automations import policy, reactors
        from automations.views import offers

        # There is no right to triggers in the vocabulary, so only administrators have them.
        admin_permissions.register("automations.trigger", "triggers")
        admin_permissions.register("automations.macro", "macros")
        history.register("trigger", policy.visible_triggers)
        history.register("macro", policy.visible_macros)
        reactors.register_kinds()
        offers.register()
        settings_pages.PAGES["automations:own_macros"] = _("Macros")
