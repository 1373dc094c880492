"""The pages that agents look at all day, one request after the other: how long each takes, and how much it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import quantiles

from django.urls import reverse

from activity.actor import Actor, Door
from helpdesk.bench import cpu
from helpdesk.bench.cases import Case, alice_herself, counted, signed_in
from helpdesk.bench.client import send
from tickets import actions, policy, standing
from tickets.actions.writing import Body
from tickets.models import Ticket
from tickets.views.places import Place

MESSAGES = 100
"""Of the long ticket."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What one page took: seconds of every request, and CPU of server and database in ms per request."""

    page: Case
    seconds: list[float]
    cpu_ms: float


def pages() -> list[Case]:
    """All of them as Alice, who sees one team's tickets and her own."""
    alice = alice_herself()
    by_alice, session = Actor(Door.WEB, agent=alice), signed_in(alice)
    rows = standing.VIEWS["open"].selection(by_alice).positions(limit=51)
    deep = Place(view="open").starting_after(rows[-1]) if rows else Place(view="open")
    newest = policy.listed(by_alice).order_by("-id")
    usual, long = newest[1], _long(newest[0], by_alice)
    addresses = {
        "view": reverse("tickets:view", args=["teams"]),
        "list page, the third": deep.url_here,
        "ticket": f"{usual.get_absolute_url()}?view=teams",
        f"ticket of {MESSAGES} messages": f"{long.get_absolute_url()}?view=teams",
        "search, a common word": f"{reverse('tickets:search')}?q=parcel",
        "search, a rare word": f"{reverse('tickets:search')}?q=lindqvist",
        "search, a common and a rare word": f"{reverse('tickets:search')}?q=parcel+lindqvist",
    }
    return [counted(Case("", name, path, session)) for name, path in addresses.items()]


def _long(ticket: Ticket, actor: Actor) -> Ticket:
    """With so many messages that it opens with the most it ever shows at once."""
    for n in range(MESSAGES - ticket.messages.count()):
        actions.reply(
            ticket, body=Body.from_markdown(f"This is the answer number **{n}**.\n\nYours"), actor=actor
        )
    return ticket


def timed(asked: Sequence[Case], port: int, roots: Sequence[int], *, requests: int) -> list[Timed]:
    """Each page so often."""
    for page in asked:
        send(page, port, requests=5, connections=1)
    return [_timed(page, port, roots, requests) for page in asked]


def _timed(page: Case, port: int, roots: Sequence[int], requests: int) -> Timed:
    used = cpu.seconds(*roots)
    seconds = send(page, port, requests=requests, connections=1)
    return Timed(page, seconds, (cpu.seconds(*roots) - used) * 1000 / requests)


def table(results: Iterable[Timed]) -> Iterable[str]:
    yield f"{'Pages, one after the other (ms)':48}{'p50':>8}{'p95':>8}{'CPU':>8}{'SQL':>6}{'HTML':>10}"
    for one in results:
        marks = quantiles(one.seconds, n=100)
        yield (
            f"{one.page.name:48}{marks[49] * 1000:>8.1f}{marks[94] * 1000:>8.1f}{one.cpu_ms:>8.1f}"
            f"{one.page.queries:>6}{one.page.size / 1000:>7.1f} kB"
        )
