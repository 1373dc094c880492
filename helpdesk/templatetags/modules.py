"""Scripts that a browser asks for together with the page."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from helpdesk.static_files import modules_of

register = template.Library()


@register.simple_tag
@cache
def preload_modules(entry: str) -> SafeString:
    """
    Link a module and all that it imports.

    Otherwise a browser asks for a module when it has read the one that imports it, in the midst of its first layout.
    """
    links = ((static(module),) for module in modules_of(entry))
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)
