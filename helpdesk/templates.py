"""Templates in which translated words and the addresses of static files are text: one of each language, made once.

A page of the workspace has two hundred of them, which is a seventh of its rendering when each is looked up each time.
The fifty parts that it includes are another sixth, and so the template of each is looked up once, as is the address of
a view for what it is asked with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.template import Context, Template
from django.template.base import FilterExpression, Node, NodeList, TextNode
from django.template.defaulttags import CycleNode, IfChangedNode, URLNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.template.loaders import base, cached
from django.templatetags.i18n import TranslateNode
from django.templatetags.static import StaticNode
from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.translation import get_language


class _Settled(base.Loader):
    """Between the cache and the files: what the cache holds does not change any more."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        _settle(template.nodelist)
        return template


class Loader(cached.Loader, _Settled):
    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{get_language()}:{super().cache_key(template_name, skip)}"


class _Instead(Node):
    """Takes the place of a node, also in what is told of errors."""

    child_nodelists = ()

    def __init__(self, node: Node) -> None:
        self.token, self.origin = node.token, node.origin


_BEGUN_ANEW = (ExtendsNode, BlockNode, CycleNode, IfChangedNode)
"""They remember something for as long as one template is rendered."""


class _Part(_Instead):
    """What `{% include "name" %}` says."""

    def __init__(self, node: IncludeNode) -> None:
        super().__init__(node)
        self._node, self._name = node, node.template.resolve(Context())
        self._extra = list(node.extra_context.items())
        self._nodes: NodeList | None = None

    def render(self, context: Context) -> str:
        if self._nodes is None:
            self._nodes = self._found(context)
        with context.push(**{name: value.resolve(context) for name, value in self._extra}):
            return self._nodes.render(context)

    def _found(self, context: Context) -> NodeList:
        """What the template consists of; the node itself where that begins anew with each part."""
        assert context.template is not None
        nodes: NodeList = context.template.engine.get_template(self._name).nodelist
        begins_anew = any(nodes.get_nodes_by_type(kind) for kind in _BEGUN_ANEW)
        return NodeList([self._node]) if begins_anew else nodes


class _Address(_Instead):
    """What `{% url "name" of these %}` says. There is one instance of every app, so where a page is does not matter."""

    def __init__(self, node: URLNode) -> None:
        super().__init__(node)
        self._name, self._args = node.view_name.resolve(Context()), node.args

    def render(self, context: Context) -> str:
        address = _address(self._name, *[arg.resolve(context) for arg in self._args])
        return conditional_escape(address) if context.autoescape else address


@lru_cache(10_000, typed=True)
def _address(name: str, *args: Any) -> str:
    return reverse(name, args=args)


def _settle(nodes: NodeList) -> None:
    """Write down what is always the same in this language, and join the texts that then stand side by side."""
    for node in nodes:
        for part in _parts(node):
            _settle(part)
    settled = [_settled(node) for node in nodes]
    nodes[:] = [
        one for kind, run in groupby(settled, type) for one in (_joined(run) if kind is TextNode else run)
    ]


def _settled(node: Node) -> Node:
    if isinstance(node, IncludeNode) and not node.isolated_context and _is_literal(node.template):
        return _Part(node)
    if isinstance(node, URLNode) and not node.asvar and not node.kwargs and _is_literal(node.view_name):
        return _Address(node)
    return TextNode(node.render(Context())) if _is_constant(node) else node


def _parts(node: Node) -> Iterator[NodeList]:
    branches = [body for _condition, body in getattr(node, "conditions_nodelists", ())]
    return (part for part in (*vars(node).values(), *branches) if isinstance(part, NodeList))


def _is_constant(node: Node) -> bool:
    match node:
        case TranslateNode(asvar=None):
            return all(map(_is_literal, filter(None, (node.filter_expression, node.message_context))))
        case StaticNode(varname=None):
            return _is_literal(node.path)
    return False


def _is_literal(expression: FilterExpression) -> bool:
    said = expression.var
    return not expression.filters and (isinstance(said, str) or said.literal is not None)


def _joined(run: Iterable[Any]) -> list[Node]:
    return [TextNode("".join(text.s for text in run))]
