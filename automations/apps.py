from django.apps import AppConfig


class AutomationsConfig(AppConfig):
    name = "automations"
    verbose_name = "Automations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from accounts import admin_permissions, history, settings_pages
        from activity.recording import follow_every_event
        from apitokens import other_uses
        from automations import clockwork, outbox, owners, policy, reactors
        from automations.actions.clocks import reckon_clocks
        from automations.views import offers
        from tickets import clocks

        # There is no right to triggers in the vocabulary, so only administrators have them.
        admin_permissions.register("automations.trigger", "triggers")
        admin_permissions.register("automations.macro", "macros")
        admin_permissions.register("automations.businesshours", "settings")
        admin_permissions.register("automations.slapolicy", "settings")
        history.register("businesshours", policy.visible_hours)
        history.register("slapolicy", policy.visible_policies)
        history.register("trigger", policy.visible_triggers)
        history.register("macro", policy.visible_macros)
        reactors.register_kinds()
        clockwork.register_kinds()
        clocks.register(reckon_clocks)
        offers.register()
        settings_pages.PAGES["automations:own_macros"] = _("Macros")
        admin_permissions.register("automations.webhook", "webhooks")
        history.register("webhook", policy.visible_webhooks)
        other_uses.register(owners.webhooks_of)
        follow_every_event(outbox.follow)
