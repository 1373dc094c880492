"""The grammar of filters: nothing breaks it, and what it prints it reads back."""

from __future__ import annotations

import re
import time

import pytest
from django.conf import settings
from hypothesis import example, given
from hypothesis import strategies as st

from tickets.filters import FIELDS, FilterError, parse
from tickets.filters.grammar import MAX_DEPTH, MAX_LENGTH, MAX_TERMS
from tickets.filters.tree import All, Either, Not, Phrase, Property, Value, Word

PIECES = st.sampled_from(
    [
        "(", ")", "-", '"', ":", ",", " ", "OR", "or", "<", ">", ">=", "..", "status:", "tag:", "updated:", "open",
        "field.a:", "urgent", "7d", "none", "//", "\u00a0", "ä", "\x00", "\ud800", "x" * 30,
    ]
)  # fmt: skip
TYPED = st.one_of(st.text(max_size=MAX_LENGTH + 5), st.lists(PIECES, max_size=60).map("".join))


@given(TYPED)
@example('(a b) OR -(c -(-d "e)"))')
@example("-(-(a OR b)) -- -OR a:)")
def test_whatever_is_typed_is_read_or_refused_at_a_place_within_it(typed: str) -> None:
    error, tree = None, None
    try:
        tree = parse(typed)
    except FilterError as refusal:
        error = refusal
    if error is None:
        assert parse(str(tree)) == tree
        return
    assert error.message.endswith((".", "?"))
    assert 0 <= error.position <= error.position + error.length <= len(typed)
    assert error.before + error.marked + error.after == typed


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("", All(())),
        ("  parcel ", Word("parcel")),
        ('"lost parcel"', Phrase("lost parcel")),
        ("-refund", Not(Word("refund"))),
        ("status:open,pending", Property("status", (Value("open"), Value("pending")))),
        ("Status:open", Property("status", (Value("open"),))),
        ('team:"Second level"', Property("team", (Value("Second level", quoted=True),))),
        ("updated:>7d", Property("updated", (Value("7d", ">"),))),
        ("priority:>=high", Property("priority", (Value("high", ">="),))),
        ("a b OR c", Either((All((Word("a"), Word("b"))), Word("c")))),
        ("a (b OR c)", All((Word("a"), Either((Word("b"), Word("c")))))),
        ("(a b) c", All((Word("a"), Word("b"), Word("c")))),
        ("-(a OR b)", Not(Either((Word("a"), Word("b"))))),
        ("-(-a)", Word("a")),
        ("Smith - Jones", All((Word("Smith"), Word("-"), Word("Jones")))),
        ("http://shop.example/a", Word("http://shop.example/a")),
        ("Re: parcel", All((Word("Re:"), Word("parcel")))),
        ("at 12:30", All((Word("at"), Word("12:30")))),
        ('5" screen :)', All((Word('5"'), Word("screen"), Word(":)")))),
        ("f(x)", Word("f(x)")),
        ("sailor", Word("sailor")),
        ("Field.Color:red", Property("field.color", (Value("red"),))),
        ("shop.example:80", Word("shop.example:80")),
        ("field.:x f\u0456eld.color:x", All((Word("field.:x"), Word("f\u0456eld.color:x")))),
        ("ORder", Word("ORder")),
    ],
)
def test_it_reads_as_people_mean_it(typed: str, tree: object) -> None:
    assert parse(typed) == tree


@pytest.mark.parametrize(
    ("typed", "excerpt", "words"),
    [
        ("status:open stauts:x", "status:open »stauts«:x", "Did you mean status:?"),
        ("colour:red", "»colour«:red", "There is no field “colour”"),
        ('tag:a "lost parcel', 'tag:a »"«lost parcel', "never closed"),
        ("(tag:a OR tag:b", "»(«tag:a OR tag:b", "never closed"),
        ("tag:a )", "tag:a »)«", "closes nothing"),
        ("OR tag:a", "»OR« tag:a", "before OR"),
        ("tag:a OR", "tag:a »OR«", "behind OR"),
        ("()", "(»)«", "missing"),
        ("tag: refund", "tag:»« refund", "without a space"),
        ("status:open,", "status:open,»«", "Say which status"),
        ("updated:>", "updated:>»«", "Say which updated"),
        ('tag:"a"b', 'tag:"a"»b«', "Put a space"),
        ("a\x00b", "a»\x00«b", "cannot occur"),
    ],
)
def test_what_is_wrong_is_marked_where_it_stands(typed: str, excerpt: str, words: str) -> None:
    with pytest.raises(FilterError) as refused:
        parse(typed)
    assert refused.value.excerpt == excerpt
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("a" * (MAX_LENGTH + 1), "at most 500 characters"),
        ("a " * (MAX_TERMS + 1), "at most 40 terms"),
        ("tag:" + ",".join("a" * (MAX_TERMS + 1)), "at most 40 terms"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), "8 deep"),
    ],
)
def test_filters_have_a_size(typed: str, words: str) -> None:
    with pytest.raises(FilterError, match=words):
        parse(typed)


def test_the_longest_filters_are_read_in_no_time() -> None:
    hard = [
        "(" * 500,
        '"' * 500,
        "-" * 500,
        ":" * 500,
        "a:" * 250,
        "tag:" + "," * 496,
        "OR " * 166,
        ")" * 500,
    ]
    began = time.process_time()
    for typed in hard:
        try:
            parse(typed)
        except FilterError:
            continue
    assert time.process_time() - began < 0.5


def test_the_page_about_filters_names_every_field_and_its_examples_are_read() -> None:
    page = (settings.BASE_DIR / "docs" / "filters.md").read_text()
    table = page.partition("## Fields")[2].partition("Times:")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    assert {name for names, _ in rows for name in re.findall(r"`(\w+)`", names)} == set(FIELDS)
    for names, examples in rows:
        for written in re.findall(r"`([^`]+)`", examples):
            tree = parse(written)
            assert isinstance(tree, Property)
            assert f"`{tree.name}`" in names
