from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin.base import ReadOnlyAdmin, actor_of
from accounts.admin.custom_fields import listed
from accounts.history import visible_events
from activity.actor import Actor
from tickets import policy, search
from tickets.models import Priority, Ticket

SHOWN = 200
"""Messages and events of one ticket that its page shows, the newest; the workspace has all."""


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    """To look things up in. Tickets are worked on in the workspace, where every verb is."""

    about = _("To look things up in. They are worked on in the workspace.")
    list_display = ("number", "subject", "contact", "state", "urgency", "team", "assignee", "updated_at")
    list_display_links = ("number", "subject")
    list_filter = ("category", "priority", "channel", "team", "assignee", "tags")
    list_select_related = ("contact", "status", "team", "assignee")
    search_fields = ("subject",)  # Makes the search box appear; what is searched, `get_search_results` says.
    search_help_text = _("Words in subject, messages or contact")
    ordering = ("-updated_at",)
    change_form_template = "admin/tickets/ticket/change_form.html"
    fields = (
        "status", "priority", "contact", "organization", "channel", "team", "assignee", "tags",
        "language", "external_id", "values", "snoozed_until", "merged_into", "created_at", "updated_at",
        "first_replied_at", "solved_at",
    )  # fmt: skip

    readonly_fields = ("values",)

    def visible(self, actor: Actor) -> QuerySet[Ticket]:
        return policy.visible(actor)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The workspace's search: internal notes are not found by who may not read them."""
        if not search_term:
            return queryset, False
        terms = search.parse(search_term)
        if not terms:
            return queryset.none(), False
        query = search.question(terms, actor_of(request))
        few = search.few(query)
        found = queryset.filter(search.matches(query)) if few is None else queryset.filter(pk__in=few)
        return found, False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        ticket = self.found(request, object_id)
        actor = actor_of(request)
        messages = policy.visible_messages(actor).filter(ticket__in=policy.conversation(ticket))
        events = visible_events(actor).about(ticket)
        context = {
            "thread": messages.select_related("agent", "contact").order_by("-created_at", "-id")[:SHOWN],
            "events": events.newest_first().select_related("agent", "contact")[:SHOWN],
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("custom fields"))
    def values(self, ticket: Ticket) -> str:
        return listed(ticket)

    @admin.display(description=_("number"), ordering="id")
    def number(self, ticket: Ticket) -> str:
        return f"#{ticket.number}"

    @admin.display(description=_("status"), ordering="category")
    def state(self, ticket: Ticket) -> str:
        return format_html('<span class="badge badge-{}">{}</span>', ticket.category, ticket.status)

    @admin.display(description=_("priority"), ordering="priority")
    def urgency(self, ticket: Ticket) -> str:
        return str(Priority(ticket.priority).label)
