"""Templates whose words are written down once for each language."""

from __future__ import annotations

from django.template import Engine
from django.template.loader import get_template, render_to_string
from django.templatetags.i18n import TranslateNode
from django.utils import translation


def test_each_language_has_its_own_words() -> None:
    for _again in range(2):
        for language, words in (("en", "Open</span>"), ("de", "Öffnen</span>"), ("en", "Keyboard shortcuts")):
            with translation.override(language):
                assert words in render_to_string("tickets/_shortcuts.html")


def test_words_that_never_change_are_text() -> None:
    with translation.override("de"):
        template = get_template("tickets/_shortcuts.html").template  # type: ignore[attr-defined]
    assert not template.nodelist.get_nodes_by_type(TranslateNode)


def test_parts_are_included_as_ever() -> None:
    texts = {
        "rows": "{% for n in numbers %}{% include 'row' with m=n %}{% endfor %}[{{ m }}]",
        "row": "({{ m }}{% cycle '' '!' %})",
        "tree": "{{ depth }}{% if depth %}{% include 'tree' with depth=depth|add:-1 %}{% endif %}",
        "whole": "{% include 'page' %}{% include 'page' %}",
        "page": "{% extends 'frame' %}{% block middle %}{{ n }}{% endblock %}",
        "frame": "<{% block middle %}{% endblock %}>",
    }
    loaders = [("helpdesk.templates.Loader", [("django.template.loaders.locmem.Loader", texts)])]
    engine = Engine(loaders=loaders)
    for _again in range(2):
        assert engine.render_to_string("rows", {"numbers": [1, 2]}) == "(1)(2)[]"
        assert engine.render_to_string("tree", {"depth": 3}) == "3210"
        assert engine.render_to_string("whole", {"n": 5}) == "<5><5>"
