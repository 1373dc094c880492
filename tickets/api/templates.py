"""`/templates`: replies that were written once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions as people
from accounts.api import filters, lists
from accounts.api.lists import Row
from accounts.api.operations import Operation
from accounts.api.representations import Shown
from accounts.api.resources import BY_ID, BY_NAME, BY_UPDATE, Collection, Member
from accounts.api.views import ApiView
from accounts.permissions import Permission
from tickets import actions, placeholders, policy
from tickets.api import shapes
from tickets.inputs import TemplateInput
from tickets.models import Sharing, Template


def _template(row: Row) -> Row:
    return {
        "id": row["id"],
        "name": row["name"],
        "body": row["body"],
        "sharing": row["sharing"],
        "team": row["team_id"],
        "owner": row["owner_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


_COLUMNS = ("id", "name", "body", "sharing", "team_id", "owner_id", "created_at", "updated_at")
_TEMPLATES = Shown(policy.visible_templates, dict.fromkeys(_COLUMNS), _template, Permission.TEMPLATES_READ)


class Templates(Collection):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("templates.list", Permission.TEMPLATES_READ, "List templates"),
        "POST": Operation("templates.create", Permission.TEMPLATES_WRITE, "Write a template"),
    }
    shown = _TEMPLATES
    filters = {
        "name": filters.equals("name__iexact"),
        "sharing": filters.choice("sharing", Sharing.values),
        "team": filters.row("team"),
        "owner": filters.owner("owner"),
    }
    parameters = lists.PARAMETERS | set(filters)
    listing = lists.Listing(
        BY_ID | BY_NAME | BY_UPDATE, default="id", includes={"team": "team", "owner": "agent"}
    )
    query = shapes.TemplateFilters
    body = TemplateInput
    answers = {"GET": [shapes.Template], "POST": shapes.Template}
    creates = True

    def create(self, **given: Any) -> Template:
        return actions.create_template(actor=self.actor, **given)


class TemplateDetail(Member):
    operations: ClassVar[dict[str, Operation]] = {
        "GET": Operation("templates.read", Permission.TEMPLATES_READ, "Read a template"),
        "PUT": Operation("templates.update", Permission.TEMPLATES_WRITE, "Change a template"),
        "PATCH": Operation("templates.update", Permission.TEMPLATES_WRITE, "Change a template"),
        "DELETE": Operation("templates.delete", Permission.TEMPLATES_DELETE, "Delete a template"),
    }
    shown = _TEMPLATES
    listing = Templates.listing
    body = TemplateInput
    answers = dict.fromkeys(("GET", "PUT", "PATCH"), shapes.Template)

    def change(self, row: Template, **given: Any) -> object:
        return actions.change_template(row, actor=self.actor, **given)

    def remove(self, row: Template) -> None:
        people.remove(row, actor=self.actor)


class RenderTemplate(ApiView):
    """The text of a template for one ticket. It changes nothing: POST, because it may be as long as a reply."""

    operations: ClassVar[dict[str, Operation]] = {
        "POST": Operation("templates.render", Permission.TEMPLATES_READ, "Fill in a template for a ticket"),
    }
    parameters = frozenset({"ticket"})
    identifying = parameters
    query = shapes.RenderFor
    answers = {"POST": shapes.RenderedTemplate}

    def post(self, request: Request, pk: int) -> Response:
        return Response({"data": self._filled(pk)})

    def named(self) -> QuerySet[Template]:
        return policy.visible_templates(self.actor)

    def require_again(self, **path: Any) -> None:
        super().require_again(**path)
        self._filled(path["pk"])

    def _filled(self, pk: int) -> Row:
        template = policy.visible_templates(self.actor).get(pk=pk)
        asked = self.request.query_params.get("ticket")
        ticket = policy.visible(self.actor).get(pk=filters.number("ticket", asked)) if asked else None
        text = placeholders.fill(template.body, ticket=ticket, actor=self.actor)
        return {"template": template.pk, "ticket": ticket.pk if ticket else None, "text": text}
