"""Static files as `collectstatic` leaves them for a web server, and as pages name them."""

import re
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

from helpdesk.processes import PROJECT
from helpdesk.static_files import modules_of

SOURCES = PROJECT / "helpdesk/static/helpdesk"


def test_a_browser_gets_sheets_as_one_file_and_everything_by_names_with_a_hash(tmp_path: Path) -> None:
    storages = {"staticfiles": {"BACKEND": "helpdesk.static_files.HashedStaticFiles"}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    gathered = tmp_path / "helpdesk"
    for sheet in ("site", "workspace"):
        it_is_one_file(gathered, sheet)
    modules_import_one_another_by_names_with_a_hash(gathered)


def it_is_one_file(gathered: Path, sheet: str) -> None:
    imported = re.findall(r'@import "(.+)"', text_of(f"{sheet}.css"))
    assert imported
    (file,) = gathered.glob(f"css/{sheet}.*.css")
    joined = file.read_text()
    assert "@import" not in joined
    places = [joined.index(text_of(one).strip()) for one in imported]
    assert places == sorted(places), "The order decides which rule wins."


def modules_import_one_another_by_names_with_a_hash(gathered: Path) -> None:
    hashed = {path.name for path in gathered.glob("js/*.*.js")}
    assert len(hashed) == len(list(SOURCES.glob("js/*.js")))
    imported = [
        name for path in gathered.glob("js/*.*.js") for name in re.findall(r'"\./([^"]+)"', path.read_text())
    ]
    assert imported
    assert set(imported) <= hashed


def test_a_page_asks_at_once_for_all_modules_that_one_of_them_imports() -> None:
    modules = modules_of("helpdesk/js/workspace.js")
    assert len(modules) == len(set(modules))
    for module in modules:
        imported = re.findall(r'"\./([^"]+\.js)"', (SOURCES.parent / module).read_text())
        assert {f"helpdesk/js/{name}" for name in imported} <= set(modules)


def text_of(sheet: str) -> str:
    return (SOURCES / "css" / sheet).read_text()
