"""What Chromium itself says of opening a long ticket: what jumped, and how long its main thread was busy at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from statistics import median

from django.conf import settings

from helpdesk.bench.cases import Case, alice_herself, session_of

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
_TIMES = 5

_RECORD = """
    window.found = {shift: 0, longest: 0, long: 0};
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.found.shift += entry.value)))
        .observe({type: "layout-shift", buffered: true});
    new PerformanceObserver((list) => list.getEntries().forEach(({duration}) => {
        window.found.long += 1;
        window.found.longest = Math.max(window.found.longest, duration);
    })).observe({type: "longtask", buffered: true});
"""


def told(page: Case, port: int) -> Iterable[str]:
    """Opened five times, each time in a window of its own. Chromium calls tasks from 50 ms on long."""
    executable = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if executable is None or find_spec("playwright") is None:
        yield "Chromium and playwright are not installed here: what a browser does with the pages is not measured."
        return
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(alice_herself())}
    with ThreadPoolExecutor(
        1
    ) as thread:  # Of its own: playwright wants one in which nothing else of it runs.
        found = thread.submit(_opened, executable, f"http://127.0.0.1:{port}", page.path, cookie).result()
    longest = sorted(one["longest"] for one in found)
    yield (
        f"Chromium, {page.name}, {_TIMES} times: layout shift {max(one['shift'] for one in found):g}; "
        f"tasks over 50 ms: {sum(one['long'] for one in found)}, the longest of a time "
        f"{longest[0]:.0f}/{median(longest):.0f}/{longest[-1]:.0f} ms."
    )


def _opened(executable: str, site: str, path: str, cookie: dict[str, str]) -> list[dict[str, float]]:
    """What each opening of the page was recorded as."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=_ARGUMENTS)
        for _ in range(_TIMES):
            context = chromium.new_context(viewport={"width": 1280, "height": 800})
            context.add_cookies([{**cookie, "url": site}])  # type: ignore[typeddict-item]
            window = context.new_page()
            window.add_init_script(_RECORD)
            window.goto(f"{site}{path}", wait_until="networkidle")
            found.append(window.evaluate("window.found"))
            context.close()
        chromium.close()
    return found
