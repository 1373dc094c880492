from django.apps import AppConfig


class ApiTokensConfig(AppConfig):
    name = "apitokens"
    verbose_name = "API keys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from accounts import admin_permissions, history, settings_pages
        from activity import screening
        from apitokens import policy, reactors
        from apitokens.actions.tripwire import trip

        admin_permissions.register("apitokens.apikey", "keys")
        admin_permissions.register("apitokens.loggedrequest", "keys")
        admin_permissions.register("apitokens.application", "keys")
        admin_permissions.register("apitokens.consent", "keys")
        admin_permissions.register("apitokens.consentrequest", "keys")
        history.register("apikey", policy.visible)
        history.register("application", policy.visible_applications)
        settings_pages.PAGES["apitokens:applications"] = _("Applications")
        screening.register(trip)
        reactors.register_kinds()
