"""What the views of an ordinary resource share: list and create; read, change and delete; change or create."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import IntegrityError
from django.db.models import Model, Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.refusal import Taken
from accounts.api import filters, lists, preferences
from accounts.api.errors import invalid
from accounts.api.inputs import ExternalName, Input, read
from accounts.api.operations import refuse_denied_tag
from accounts.api.representations import Shown, included
from accounts.api.views import ApiView
from accounts.keyset import Order
from activity.actor import system_actor

BY_ID = {"id": Order("id", False), "-id": Order("id")}
BY_NAME = {"name": Order("name", False), "-name": Order("name")}
BY_UPDATE = {"updated_at": Order("updated_at", False), "-updated_at": Order("updated_at")}

WITHOUT_TIMES = lists.PARAMETERS - {"updated_since"}
"""For rows that do not remember when they changed."""


class Resource(ApiView):
    shown: ClassVar[Shown]
    listing: ClassVar[lists.Listing]

    def rows(self) -> QuerySet[Any]:
        """The rows that exist for whoever asks."""
        return self.shown.rows(self.actor)

    def named(self) -> QuerySet[Any]:
        return self.rows() if self.request.method in {"GET", "HEAD"} else self.mine()

    def mine(self) -> QuerySet[Any]:
        """The rows that the agent could see: a key that may only write can name them."""
        return self.shown.rows(self.actor_as_agent)

    def one(self, pk: int) -> lists.Row:
        """The row as the answer to whoever just changed it."""
        return self.shown.show(lists.select(self.mine(), self.shown.columns).get(pk=pk))

    def made(self, row: Model, location: str) -> Response:
        """201 for a new row: its maker sees what he made, whether or not he may read others."""
        rows = lists.select(self.shown.rows(system_actor()), self.shown.columns)
        headers = {"Location": self.request.build_absolute_uri(f"{location}/{row.pk}")}
        return Response({"data": self.shown.show(rows.get(pk=row.pk))}, status=201, headers=headers)

    def given(self, request: Request, *, partial: bool = False) -> dict[str, Any]:
        body = self.body
        assert body is not None
        assert issubclass(body, Input)
        return read(body, request.data, self.actor, partial=partial)


class Collection(Resource):
    """`GET` lists, `POST` creates by the verb `create`."""

    filters: ClassVar[Mapping[str, filters.Filter]] = {}

    def more(self, request: Request) -> Q:
        """What the query string asks besides `filters`."""
        return Q()

    def get(self, request: Request, **path: Any) -> Response:
        ask = lists.parse(request, self.listing)
        condition = ask.condition & filters.condition(request, self.actor, self.filters)
        rows = self.rows().filter(condition & self.more(request))
        source = lists.QuerySource(rows, ask.order, self.shown.columns, self.shown.show)
        return lists.answer(
            request, ask, source, lambda page: included(self.actor, self.listing, ask.include, page)
        )

    def post(self, request: Request, **path: Any) -> Response:
        return self.made(self.create(**self.given(request)), request.path.rstrip("/"))

    def create(self, **given: Any) -> Model:
        raise NotImplementedError


class Member(Resource):
    """`GET` reads, `PUT` and `PATCH` change by the verb `change`, `DELETE` deletes by the verb `remove`."""

    parameters = frozenset({"include"})

    def get(self, request: Request, pk: int) -> Response:
        ask = lists.parse(request, self.listing)
        data = self.shown.show(lists.select(self.rows(), self.shown.columns).get(pk=pk))
        self.call.version = data["version"] if self.versioned else None
        return Response({"data": data, "linked": included(self.actor, self.listing, ask.include, [data])})

    def put(self, request: Request, pk: int) -> Response:
        row = self.mine().get(pk=pk)
        given = self.given(request, partial=True)
        if self.versioned:
            given["based_on"] = given.pop("version", None) or preferences.based_on(request)
        self.change(row, **given)
        return Response({"data": self.one(pk)})

    patch = put

    def delete(self, request: Request, pk: int) -> Response:
        self.remove(self.mine().get(pk=pk))
        return Response(status=204)

    def change(self, row: Any, **given: Any) -> object:
        raise NotImplementedError

    def remove(self, row: Any) -> None:
        raise NotImplementedError


class ByExternalId(Resource):
    """`PUT` changes the row that another system knows by this id, by the verb `change`, or makes it by `create`.

    Of several at once one makes it, and the others change it.
    """

    plural: ClassVar[str]
    """The first word of its path, and of the names of the operations that it stands for."""
    upserts = True

    def put(self, request: Request, external_id: str) -> Response:
        name = read(ExternalName, {"external_id": external_id}, self.actor)
        external_id = self.canonical(name["external_id"])
        known = self.mine().filter(external_id=external_id)
        row = known.first()
        if row is None:
            try:
                return self._create(request, external_id)
            except (IntegrityError, Taken):
                # Somebody else was quicker with the same id. One that the agent may not see stays taken.
                row = known.first()
                if row is None:
                    raise
        refuse_denied_tag(self.call, f"{self.plural}.update")
        self.change(row, **self._named(request, external_id, partial=True))
        return Response({"data": self.one(row.pk)})

    def canonical(self, external_id: str) -> str:
        """The id as it is stored."""
        return external_id

    def create(self, **given: Any) -> Model:
        raise NotImplementedError

    def change(self, row: Any, **given: Any) -> object:
        raise NotImplementedError

    def _create(self, request: Request, external_id: str) -> Response:
        refuse_denied_tag(self.call, f"{self.plural}.create")
        row = self.create(**self._named(request, external_id))
        return self.made(row, f"/api/v1/{self.plural}")

    def _named(self, request: Request, external_id: str, *, partial: bool = False) -> dict[str, Any]:
        """The body, with the id that the address says."""
        given = self.given(request, partial=partial)
        if given.setdefault("external_id", external_id) != external_id:
            raise invalid("external_id", "invalid", "The address says another one: leave it out of the body.")
        return given
