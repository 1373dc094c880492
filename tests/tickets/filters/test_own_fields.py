"""Filters ask for the fields that admins added: by their keys, in the form of their kind."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Agent, CustomField
from tests.factories import at_the_web, ticket
from tests.robot import reason, robot
from tickets import counting, filters
from tickets.filters import FilterError
from tickets.models import SavedView, Ticket

pytestmark = pytest.mark.django_db

FIELDS = {
    "order_number": ("text", []),
    "amount": ("number", []),
    "due": ("date", []),
    "color": ("choice", ["Red", "Blue", "Light blue"]),
    "sizes": ("multi_choice", ["S", "M", "L"]),
    "vip": ("boolean", []),
    "page": ("url", []),
    "gone": ("text", []),
}


@pytest.fixture(autouse=True)
def desk(db: None) -> None:
    """Three tickets: one with much filled in, one with other values, and one with none."""
    for key, (kind, choices) in FIELDS.items():
        CustomField.objects.create(
            applies_to="ticket",
            key=key,
            label=key.title(),
            kind=kind,
            choices=choices,
            is_active=key != "gone",
        )
    CustomField.objects.create(applies_to="contact", key="plan", label="Plan", kind="text")
    CustomField.objects.filter(key="color").update(former_choices=["Gold"])
    ticket(
        "lamp",
        custom_fields={
            "order_number": "1042",
            "amount": 99.5,
            "due": "2026-11-30",
            "color": "Light blue",
            "sizes": ["S", "L"],
            "vip": True,
            "page": "https://shop.example/a?b=1,2",
        },
    )
    desk = ticket("desk", custom_fields={"amount": 250, "due": "2026-12-01", "vip": False, "sizes": ["M"]})
    # As it was filled in while that could be chosen.
    Ticket.objects.filter(pk=desk.pk).update(custom_fields=desk.custom_fields | {"color": "Gold"})
    ticket("rug")


SAYS = {
    "field.order_number:1042": "lamp",
    "field.order_number:104": "",
    "field.order_number:none": "desk rug",
    "-field.order_number:none": "lamp",
    "field.amount:99.50": "lamp",
    "field.amount:>99.5": "desk",
    "field.amount:>=99.5,<=0": "lamp desk",
    "field.amount:100..250": "desk",
    "field.amount:..100": "lamp",
    "-field.amount:>100": "lamp rug",
    "field.due:2026-11": "lamp",
    "field.due:<2026-12-01": "lamp",
    "field.due:<=2026-12-01": "lamp desk",
    "field.due:>2026-11-30": "desk",
    "field.due:2026-11-30..2026": "lamp desk",
    "field.due:2026-12-01..": "desk",
    "field.due:today": "",
    'field.color:"light BLUE",red': "lamp",
    "field.color:gold": "desk",
    "field.sizes:l": "lamp",
    "field.sizes:L,M": "lamp desk",
    "field.sizes:S field.sizes:M": "",
    "field.vip:yes": "lamp",
    "field.vip:no": "desk",
    "FIELD.VIP:none": "rug",
    'field.page:"https://shop.example/a?b=1,2"': "lamp",
    "(field.vip:yes OR field.amount:250) -field.color:gold": "lamp",
    "field.vip:yes lamp": "lamp",
}


def test_filters_find_what_they_say(alice: Agent) -> None:
    for typed, subjects in SAYS.items():
        selection = filters.select(typed, at_the_web(alice))
        ids = selection.ids(limit=100)
        found = Ticket.objects.filter(pk__in=ids).values_list("subject", flat=True)
        assert set(found) == set(subjects.split()), typed
        assert selection.page(offset=0, limit=1)[1] == len(ids) == counting.count_each([selection])[0], typed


def test_what_means_nothing_is_marked_where_it_stands(alice: Agent) -> None:
    for typed, excerpt, words in (
        ("lamp field.colour:red", "lamp »field.colour«:red", "Did you mean field.color:?"),
        (
            "field.xyz:1",
            "»field.xyz«:1",
            "There are: field.order_number, field.amount, field.due, field.color",
        ),
        ("field.gone:x", "»field.gone«:x", "There is no field “field.gone”"),
        ("field.plan:x", "»field.plan«:x", "There is no field “field.plan”"),
        ("field.color:red,pink", "field.color:red,»pink«", "There are: Red, Blue, Light blue, and none."),
        ("field.color:>red", "field.color:»>red«", "cannot be compared"),
        ("field.amount:much", "field.amount:»much«", "give a number such as 42"),
        ("field.amount:1..x", "field.amount:»1..x«", "give a number such as 42"),
        ("field.amount:>1..2", "field.amount:»>1..2«", "10..20"),
        ("field.due:>7d", "field.due:»>7d«", "Write 2026-11-01"),
        ("field.due:2026-13", "field.due:»2026-13«", "no such day"),
        ("field.vip:maybe", "field.vip:»maybe«", "say yes or no"),
        ('field.order_number:""', 'field.order_number:»""«', "Say none"),
    ):
        with pytest.raises(FilterError) as refused:
            filters.select(typed, at_the_web(alice))
        assert refused.value.excerpt == excerpt
        assert words in refused.value.message, typed
    CustomField.objects.all().delete()
    with pytest.raises(FilterError, match="none is defined yet"):
        filters.select("field.color:red", at_the_web(alice))


def test_views_hold_them_and_say_so_when_a_field_is_out_of_use(alice: Agent) -> None:
    r = robot(alice)
    made = r.post("/views", {"name": "VIPs", "query": "field.vip:yes"}).json()["data"]
    other = r.post("/views", {"name": "Large", "query": "field.sizes:L"}).json()["data"]
    assert [row["subject"] for row in r.get(f"/views/{made['id']}/tickets").json()["data"]] == ["lamp"]
    assert reason(r.get("/tickets?q=field.vip:perhaps")) == "invalid_filter"
    with CaptureQueriesContext(connection) as captured:
        counted = r.get("/views/counts").json()["data"]["saved"]
    assert [(one["name"], one["count"]) for one in counted] == [("VIPs", 1), ("Large", 1)]
    assert len([query for query in captured if "accounts_customfield" in query["sql"]]) == 1
    CustomField.objects.filter(key="vip").update(is_active=False)
    counted = r.get("/views/counts").json()["data"]["saved"]
    assert [one["count"] for one in counted] == [None, 1]
    assert "There is no field “field.vip”" in counted[0]["problem"]
    assert SavedView.objects.get(pk=other["id"]).query == "field.sizes:L"


def test_the_examples_of_the_page_about_filters_mean_something(alice: Agent) -> None:
    page = (settings.BASE_DIR / "docs" / "filters.md").read_text()
    table = page.partition("## Your own fields")[2].partition("##")[0]
    examples = re.findall(r"`(-?field\.[a-z_]+:[^`]+)`", table)
    assert {kind for kind, _choices in FIELDS.values()} <= {
        CustomField.objects.get(key=example.partition(".")[2].partition(":")[0]).kind for example in examples
    } | {"url"}
    for example in examples:
        filters.select(example, at_the_web(alice)).ids(limit=1)
