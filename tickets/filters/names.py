"""What the names in filters stand for: looked up together, one query for each kind, however many filters there are."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.models import Agent, Contact, Organization, Team
from accounts.permissions import Permission
from accounts.policy import YES, decide, visible
from accounts.sentences import gettext as _
from activity.actor import Actor
from tickets import policy
from tickets.filters.tree import Value
from tickets.models import Status
from tickets.models.tag import normalize_tag

Rows = QuerySet[Any, Any]

_READ = 500
"""How many names are read, at most, to find one that is like a mistyped one."""
_TOLD = 10
"""How many names there may be for all of them to be told where none is like it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that filters name: where they are, and by what text."""

    word: Promise
    rows: Callable[[Actor], Rows]
    """The rows that the actor may see, annotated with `called`, the name in lower case."""
    permission: Permission | None = None
    key: Callable[[str], str] = lambda name: " ".join(name.lower().split())
    many: bool = False
    """More than a name that is like a mistyped one can be looked for among."""


KINDS: dict[str, Kind] = {
    "status": Kind(gettext_lazy("status"), lambda actor: Status.objects.annotate(called=Lower("name"))),
    "agent": Kind(
        gettext_lazy("agent with the address"),
        lambda actor: visible(actor, Agent).annotate(called=F("email")),
        Permission.AGENTS_READ,
    ),
    "team": Kind(
        gettext_lazy("team"),
        lambda actor: visible(actor, Team).annotate(called=Lower("name")),
        Permission.TEAMS_READ,
    ),
    "contact": Kind(
        gettext_lazy("contact with the address"),
        lambda actor: visible(actor, Contact).annotate(called=F("emails__address")),
        Permission.CONTACTS_READ,
        many=True,
    ),
    "organization": Kind(
        gettext_lazy("organization"),
        lambda actor: visible(actor, Organization).annotate(called=Lower("name")),
        Permission.ORGANIZATIONS_READ,
        many=True,
    ),
    "channel": Kind(
        gettext_lazy("channel"),
        lambda actor: policy.visible_channels(actor).annotate(called=Lower("name")),
        Permission.CHANNELS_READ,
    ),
    "tag": Kind(
        gettext_lazy("tag"),
        lambda actor: policy.visible_tags(actor).annotate(called=F("name")),
        Permission.TAGS_READ,
        normalize_tag,
    ),
}


@dataclass(frozen=True, slots=True)
class Names:
    """The ids of everything that some filters name, as far as the actor may see it."""

    actor: Actor
    found: Mapping[str, Mapping[str, list[int]]] = field(default_factory=dict)

    @classmethod
    def look_up(cls, wanted: Iterable[tuple[str, Value]], actor: Actor) -> Names:
        asked: dict[str, set[str]] = defaultdict(set)
        for kind, value in wanted:
            asked[kind].add(KINDS[kind].key(value.text))
        return cls(actor, {kind: _find(KINDS[kind], keys, actor) for kind, keys in asked.items()})

    def ids(self, kind: str, value: Value) -> list[int]:
        """The rows with this name. Raises FilterError where there is none that the actor may see."""
        about = KINDS[kind]
        decision = decide(self.actor, about.permission) if about.permission else YES
        if not decision:
            raise value.error(
                _("%(sentence)s Names of this kind cannot be looked up without it.")
                % {"sentence": decision.sentence}
            )
        found = self.found.get(kind, {}).get(about.key(value.text))
        if not found:
            sentence = _("There is no %(word)s “%(value)s” that you may see.") % {
                "word": about.word,
                "value": value.text,
            }
            raise value.error(" ".join(filter(None, [sentence, self._hint(about, value)])))
        return found

    def _hint(self, kind: Kind, value: Value) -> str:
        if kind.many:
            return ""
        rows = kind.rows(self.actor).order_by("called").values_list("called", flat=True)
        names = list(rows.distinct()[:_READ])
        if close := difflib.get_close_matches(kind.key(value.text), names, 1):
            return _("Did you mean “%(name)s”?") % {"name": close[0]}
        return _("There are: %(fields)s.") % {"fields": ", ".join(names)} if 0 < len(names) <= _TOLD else ""


def _find(kind: Kind, keys: set[str], actor: Actor) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for called, pk in kind.rows(actor).order_by().filter(called__in=keys).values_list("called", "pk"):
        found[called].append(pk)
    return found
