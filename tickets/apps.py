from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = "Tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import admin_permissions, history, resources
        from accounts.permissions import Permission
        from tickets import policy, reactors, seeds
        from tickets.actions import keepers, statuses, undoing  # noqa: F401 - importing them registers what they guard.

        for model, resource in _RESOURCES.items():
            admin_permissions.register(f"tickets.{model}", resource)
        history.register(
            "ticket",
            policy.visible,
            reads=Permission.TICKETS_READ,
            private={"ticket.noted": Permission.NOTES_READ},
            references=("into", "merged", "out_of", "unmerged", "split_from", "other", "ticket"),
        )
        history.register("tag", policy.visible_tags)
        history.register("taggroup", policy.visible_tag_groups)
        history.register("channel", policy.visible_channels)
        history.register("template", policy.visible_templates)
        history.register("savedview", policy.visible_views)
        reactors.register_kinds()
        resources.register(Permission.TICKETS_READ, policy.listed, policy.reach_in_words)
        undoing.register()
        post_migrate.connect(seeds.ensure_defaults, sender=self)


_RESOURCES = {
    "ticket": "tickets",
    "message": "messages",
    "attachment": "messages",
    "tag": "tags",
    "taggroup": "tag_groups",
    "template": "templates",
    "savedview": "views",
    "proposal": "tickets",
    "channel": "channels",
    "status": "channels",
}
