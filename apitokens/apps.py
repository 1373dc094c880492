from django.apps import AppConfig


class ApiTokensConfig(AppConfig):
    name = "apitokens"
    verbose_name = "API keys"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import admin_permissions, history
        from activity import screening
        from apitokens import policy, reactors
        from apitokens.actions.tripwire import trip

        admin_permissions.register("apitokens.apikey", "keys")
        admin_permissions.register("apitokens.loggedrequest", "keys")
        history.register("apikey", policy.visible)
        screening.register(trip)
        reactors.register_kinds()
