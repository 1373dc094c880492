"""What the views of an ordinary resource share: list and create; read, change and delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import filters, lists
from accounts.api.inputs import Input, read
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

    def given(self, request: Request, *, partial: bool = False) -> dict[str, Any]:
        body = self.body
        assert body is not None
        assert issubclass(body, Input)
        return read(body, request.data, self.actor, partial=partial)


class Collection(Resource):
    """`GET` lists, `POST` creates by the verb `create`."""

    filters: ClassVar[Mapping[str, filters.Filter]] = {}

    def get(self, request: Request, **path: Any) -> Response:
        ask = lists.parse(request, self.listing)
        condition = ask.condition & filters.condition(request, self.actor, self.filters)
        rows = self.rows().filter(condition)
        source = lists.QuerySource(rows, ask.order, self.shown.columns, self.shown.show)
        return lists.answer(
            request, ask, source, lambda page: included(self.actor, self.listing, ask.include, page)
        )

    def post(self, request: Request, **path: Any) -> Response:
        made = self.create(**self.given(request))
        # Its maker sees what he made, whether or not he may read others.
        rows = lists.select(self.shown.rows(system_actor()), self.shown.columns)
        location = request.build_absolute_uri(f"{request.path.rstrip('/')}/{made.pk}")
        data = self.shown.show(rows.get(pk=made.pk))
        return Response({"data": data}, status=201, headers={"Location": location})

    def create(self, **given: Any) -> Model:
        raise NotImplementedError


class Member(Resource):
    """`GET` reads, `PUT` and `PATCH` change by the verb `change`, `DELETE` deletes by the verb `remove`."""

    parameters = frozenset({"include"})

    def get(self, request: Request, pk: int) -> Response:
        ask = lists.parse(request, self.listing)
        data = self.shown.show(lists.select(self.rows(), self.shown.columns).get(pk=pk))
        return Response({"data": data, "linked": included(self.actor, self.listing, ask.include, [data])})

    def put(self, request: Request, pk: int) -> Response:
        row = self.mine().get(pk=pk)
        self.change(row, **self.given(request, partial=True))
        return Response({"data": self.one(pk)})

    patch = put

    def delete(self, request: Request, pk: int) -> Response:
        self.remove(self.mine().get(pk=pk))
        return Response(status=204)

    def mine(self) -> QuerySet[Any]:
        """The rows that the agent could see: a key that may only write can name them."""
        return self.shown.rows(self.actor_as_agent)

    def one(self, pk: int) -> lists.Row:
        """The row as the answer to whoever just changed it."""
        return self.shown.show(lists.select(self.mine(), self.shown.columns).get(pk=pk))

    def change(self, row: Any, **given: Any) -> object:
        raise NotImplementedError

    def remove(self, row: Any) -> None:
        raise NotImplementedError
