"""Queries whose SQL is kept: putting a page's SQL together takes Django longer than PostgreSQL needs to answer it.

    @Kept
    def of_contact(actor: Actor, contact: int) -> QuerySet[Ticket]:
        return policy.visible(actor).filter(contact=contact)

    tickets = of_contact(actor, 5)  # A list.

The function is called once for each role, with stand-ins for the agent, his teams and the values. Where these come to
stand in the SQL, everybody's own are put. So it may do nothing with them but hand them to a query, and what it does may
depend on nothing but the rights of the role. What would be true once only is an error at the first call.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NoReturn, TypeVar, TypeVarTuple

from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

from accounts.models import Agent
from accounts.policy import role_rights, team_ids
from activity.actor import Actor, Door

M = TypeVar("M", bound=models.Model)
Values = TypeVarTuple("Values")

_MOST = 100
"""How many forms of one query are kept: each role, number of teams and length of a list makes one, of 200 kB."""

_FIRST_NUMBER, _FIRST_TIME = 2**62, datetime(1, 1, 2, tzinfo=UTC)
"""Nothing has a number like this or a greater one, and nothing happened then."""

_OF_AGENTS = ("id", "name", "role_id", "is_active", "caught_up_at")
"""What a stand-in can be asked for. The name is for sentences that refuse, and not for queries."""
_NAME = "\0"


class Kept(Generic[M, *Values]):
    def __init__(self, make: Callable[[Actor, *Values], QuerySet[M]]) -> None:
        self._make, self._kept = make, dict[Any, _Statement]()

    def __call__(self, actor: Actor, *values: *Values) -> list[M]:
        """What is found."""
        agent = actor.agent
        if agent is None or actor.grant is not None:
            # A key's use of its rights is noted while a query is made. And whoever is no agent asks too seldom.
            return list(self._make(actor, *values))
        asked = _Asked(self._statement(agent, values), _own(agent, values))
        return list(ModelIterable(asked))  # type: ignore[arg-type]

    def sql(self, agent: Agent, *values: *Values) -> tuple[str, tuple[Any, ...]]:
        """The query of an agent himself, to be part of another."""
        statement = self._statement(agent, values)
        return statement.sql, statement.filled_in(_own(agent, values))

    def _statement(self, agent: Agent, values: Sequence[Any]) -> _Statement:
        lengths = [len(value) if isinstance(value, list) else 1 for value in values]
        form = (agent.role_id, agent.role.reach, role_rights(agent), len(team_ids(agent)), *lengths)
        known = self._kept.get(form)
        if known is None:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            known = self._kept[form] = _made(self._make, agent, values)
        return known


@dataclass(frozen=True, slots=True)
class _Statement:
    compiler: SQLCompiler
    sql: str
    values: list[Any]
    places: list[tuple[int, int, type[int] | None]]
    """Where in `values` which of the asker's own has its place. Numbers take the type of the column."""

    def filled_in(self, own: Sequence[Any]) -> tuple[Any, ...]:
        values = self.values.copy()
        for place, which, number in self.places:
            values[place] = number(own[which]) if number else own[which]
        return tuple(values)


class _Asked:
    """As much of a queryset as Django asks on the way from rows to objects."""

    db = "default"

    def __init__(self, statement: _Statement, own: Sequence[Any]) -> None:
        self._known_related_objects: dict[Any, Any] = {}
        self._compiler, values = copy.copy(statement.compiler), statement.filled_in(own)
        self._compiler.connection = connection  # Each thread has its own.
        self._compiler.as_sql = lambda *_args, **_named: (statement.sql, values)  # type: ignore[method-assign]

    @property
    def query(self) -> _Asked:
        return self

    def get_compiler(self, using: str) -> SQLCompiler:
        return self._compiler


def _own(agent: Agent, values: Iterable[Any]) -> list[Any]:
    """What differs between askers of the same rights, in the order of their stand-ins."""
    own = [agent.pk, agent.caught_up_at, *team_ids(agent)]
    for value in values:
        own += value if isinstance(value, list) else [value]
    return own


def _made(make: Callable[..., QuerySet[Any]], agent: Agent, values: Sequence[Any]) -> _Statement:
    stand_in = _stand_in(agent)
    given = list(_stand_ins(values, len(_own(stand_in, ()))))
    with connection.execute_wrapper(_refuse):
        # Without eliding, what can find nothing is SQL as well.
        compiler = make(Actor(Door.WEB, agent=stand_in), *given).query.get_compiler(
            "default", elide_empty=False
        )
        sql, params = compiler.as_sql()
    which = {value: n for n, value in enumerate(_own(stand_in, given))}
    places = [
        (place, which[value], type(value) if isinstance(value, int) else None)
        for place, value in enumerate(params)
        if isinstance(value, int | datetime) and value in which
    ]
    _check(params, places)
    return _Statement(compiler, sql, list(params), places)


def _stand_in(agent: Agent) -> Agent:
    values = [_FIRST_NUMBER, _NAME, agent.role_id, agent.is_active, _FIRST_TIME]
    stand_in: Agent = Agent.from_db("default", _OF_AGENTS, values)
    stand_in.role = agent.role
    stand_in._team_ids = [_like(team, 2 + n) for n, team in enumerate(team_ids(agent))]  # type: ignore[attr-defined]
    return stand_in


def _stand_ins(values: Iterable[Any], n: int) -> Iterator[Any]:
    for value in values:
        one = [_like(item, n + k) for k, item in enumerate(value if isinstance(value, list) else [value])]
        n += len(one)
        yield one if isinstance(value, list) else one[0]


def _like(value: Any, n: int) -> int | datetime:
    return _FIRST_TIME + timedelta(days=n) if isinstance(value, datetime) else _FIRST_NUMBER + n * 2**20


def _check(params: Sequence[Any], places: Sequence[tuple[int, int, type[int] | None]]) -> None:
    kept = {place for place, _which, _number in places}
    rest = [value for place, value in enumerate(params) if place not in kept]
    if any(isinstance(value, datetime) for value in rest):
        raise TypeError(
            "A query that is kept asks for a moment that has to be given to it, or it would stay."
        )
    if any(value == _NAME or (isinstance(value, int) and value >= _FIRST_NUMBER) for value in rest):
        raise TypeError("A query that is kept did something else with a value than to ask for it.")


def _refuse(*_asked: Any) -> NoReturn:
    raise TypeError("A query that is kept must not ask another while it is made.")
