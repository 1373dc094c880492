"""The particulars in what people write, order numbers and the like, and filling them into phrases."""

from __future__ import annotations

from functools import cache
from html import escape
from random import Random

from tickets.actions.writing import Body

Details = dict[str, str]

_PRODUCTS = (
    "Aurora lamp", "Basalt teapot", "Cedar desk", "Dune backpack", "Ember stove", "Fjord jacket",
    "Granite mortar", "Harbour blanket", "Isle bicycle light", "Juniper chair", "Kestrel kite",
    "Lagoon kettle", "Meadow rug", "Nimbus umbrella", "Orchard press", "Pebble speaker", "Quill pen set",
    "Ridge tent", "Sable headphones", "Tundra boots", "Umber notebook", "Violet scarf", "Willow basket",
    "Zephyr fan",
)  # fmt: skip
_CITIES = (
    "Aldermoor", "Brightwater", "Castle Fenn", "Dunmore", "Eastgate", "Fallowfield", "Glenhaven", "Hartsmere",
    "Inverlea", "Kingsbridge", "Larkhill", "Marrowby", "Northwick", "Oakhampton", "Pinehurst", "Ravensby",
    "Saltmarsh", "Thornbury", "Westerleigh", "Yarmouth Sands",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = ("January", "March", "April", "June", "September", "November")
_CODES = ("SPRING10", "WELCOME5", "FRIENDS15", "HARVEST20", "BIRTHDAY")


def invent(rng: Random, *, name: str, agent: str) -> Details:
    """What one ticket is about. Numbers are nearly unique, so that they can be searched for."""
    return {
        "name": name,
        "first": name.partition(" ")[0],
        "agent": agent,
        "product": rng.choice(_PRODUCTS),
        "city": rng.choice(_CITIES),
        "order": f"W{rng.randrange(10_000_000, 99_999_999)}",
        "tracking": f"TR{rng.randrange(100_000_000, 999_999_999)}X",
        "invoice": f"{rng.randrange(1_000_000, 9_999_999)}",
        "amount": f"€{rng.randrange(5, 480)}.{rng.choice(('00', '50', '90', '95'))}",
        "number": str(rng.randrange(2, 10)),
        "weekday": rng.choice(_WEEKDAYS),
        "day": f"{rng.choice(_MONTHS)} {rng.randrange(1, 29)}",
        "code": rng.choice(_CODES),
    }


def compose(paragraphs: list[str], details: Details) -> tuple[str, str]:
    """The paragraphs as (text, HTML). Equal to what `Body.from_markdown` makes of the filled text.

    Each phrase is rendered once with its placeholders still in it, which is what makes a large demo quick.
    """
    marked = {name: escape(value, quote=False) for name, value in details.items()}
    bodies = [_rendered(paragraph) for paragraph in paragraphs]
    text = "\n\n".join(body.text.format_map(details) for body in bodies)
    return text, "".join(body.html.format_map(marked) for body in bodies)


@cache
def _rendered(paragraph: str) -> Body:
    return Body.from_markdown(paragraph)
