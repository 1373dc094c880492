from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    name = "helpdesk"

    def ready(self) -> None:
        from apitokens import assistants
        from helpdesk import checks  # noqa: F401 - importing them registers them.

        assistants.register(_tools)


def _tools() -> frozenset[str]:
    from helpdesk.mcp.tools import operations

    return operations()
