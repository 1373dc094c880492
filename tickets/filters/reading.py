"""From a filter to the tickets it means: a condition for what has a name, a search for the words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_, or_

from django.db.models import Q
from django.utils import timezone

from accounts.keyset import Order
from accounts.models import CustomField, Thing
from activity.actor import Actor
from tickets import search
from tickets.filters import fields, grammar
from tickets.filters.errors import FilterError
from tickets.filters.meanings import Asked
from tickets.filters.names import Names
from tickets.filters.tree import All, Either, Not, Part, Phrase, Property, Value, Word, parts_of
from tickets.lists import NEWEST, NOTHING, Selection


def parse(typed: str) -> Part:
    """The tree of a filter, before anybody asked what its names mean. Raises FilterError."""
    return grammar.parse(typed, fields.FIELDS)


def select(typed: str, actor: Actor, order: Order = NEWEST) -> Selection:
    """The tickets that a filter means to the actor. Raises FilterError."""
    (found,) = select_all([(typed, order)], actor)
    if isinstance(found, FilterError):
        raise found
    return found


def select_all(wanted: Sequence[tuple[str, Order]], actor: Actor) -> list[Selection | FilterError]:
    """Several filters at once, with as many queries for their names as for those of one."""
    trees = [_tree(typed) for typed, _order in wanted]
    understood = [tree for tree in trees if not isinstance(tree, FilterError)]
    asked = Asked(actor, Names.look_up(_named(understood), actor), timezone.now(), _own_fields(understood))
    return [
        tree if isinstance(tree, FilterError) else _selection(typed, tree, asked, order)
        for (typed, order), tree in zip(wanted, trees, strict=True)
    ]


def conditions(parts: Sequence[Part], actor: Actor) -> list[Q]:
    """What each of these parts asks of a ticket by itself, for who asks it of a ticket at hand. Raises FilterError."""
    asked = Asked(actor, Names.look_up(_named(parts), actor), timezone.now(), _own_fields(parts))
    return [_condition(part, asked) for part in parts]


def _tree(typed: str) -> Part | FilterError:
    try:
        return parse(typed)
    except FilterError as error:
        return error


def _named(trees: Iterable[Part]) -> Iterator[tuple[str, Value]]:
    for tree in trees:
        for part in parts_of(tree):
            if isinstance(part, Property):
                yield from fields.named(part)


def _own_fields(trees: Iterable[Part]) -> dict[str, CustomField]:
    """The custom fields that filters may name, if one does."""
    parts = (part for tree in trees for part in parts_of(tree))
    if not any(isinstance(part, Property) and part.name.startswith(grammar.OWN) for part in parts):
        return {}
    return {field.key: field for field in CustomField.objects.on(Thing.TICKET).active()}


def _selection(typed: str, tree: Part, asked: Asked, order: Order) -> Selection | FilterError:
    """Words that every ticket must hold become a search, which starts from its index; the rest a condition."""
    if tree == All(()):
        return Selection(asked.actor, order=order)
    kept = without_noise(tree)
    if kept is None:
        return Selection(asked.actor, NOTHING, order=order)
    try:
        return _split(kept, asked, order)
    except FilterError as error:
        error.typed = typed
        return error


def _split(tree: Part, asked: Asked, order: Order) -> Selection:
    parts = tree.parts if isinstance(tree, All) else (tree,)
    searched = [part for part in parts if _is_search(part)]
    if all(isinstance(part, Not) for part in searched):
        searched = []  # An index finds what is there, not what is missing.
    condition = Q()
    for part in parts:
        if part not in searched:
            condition &= _condition(part, asked)
    return Selection(asked.actor, condition, tuple(_term(part) for part in searched), order)


def without_noise(part: Part) -> Part | None:
    """The tree without words that hold nothing to look for, such as a dash; None when nothing is left."""
    match part:
        case Word() | Phrase():
            return part if any(character.isalnum() for character in part.text) else None
        case Not():
            inner = without_noise(part.part)
            return Not(inner) if inner else None
        case All() | Either():
            kept = tuple(inner for inner in map(without_noise, part.parts) if inner)
            return replace(part, parts=kept) if len(kept) > 1 else next(iter(kept), None)
    return part


def _is_search(part: Part) -> bool:
    """Could PostgreSQL's text search answer this by itself?"""
    match part:
        case Word() | Phrase():
            return True
        case Not():
            return isinstance(part.part, Word | Phrase)
        case All():
            return all(map(_is_search, part.parts)) and not all(isinstance(p, Not) for p in part.parts)
        case Either():
            return all(_is_search(p) and not isinstance(p, Not) for p in part.parts)
    return False


def _term(part: Part, *, negated: bool = False) -> search.Term | search.AnyOf:
    """What `_is_search` said yes to."""
    match part:
        case Word() | Phrase():
            return search.Term(search.lexemes(part.text), prefix=isinstance(part, Word), negated=negated)
        case Not():
            return _term(part.part, negated=True)
        case All():
            return search.AnyOf((tuple(map(_term, part.parts)),))
        case Either():
            return search.AnyOf(tuple((_term(way),) for way in part.parts))
    raise AssertionError(part)


def _condition(part: Part, asked: Asked) -> Q:
    match part:
        case Property():
            return fields.condition(part, asked)
        case Not():
            return ~_condition(part.part, asked)
        case All():
            return reduce(and_, (_condition(inner, asked) for inner in part.parts))
        case Either():
            return reduce(or_, (_condition(inner, asked) for inner in part.parts))
    return Q(search.matches(search.question([_term(part)], asked.actor)))
