import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """A folder beside the tests' own data: where they can run a server, another can run too."""
    yield from _folder(settings.VAR_DIR / f"scratch-{uuid4().hex[:8]}")


@pytest.fixture
def closed_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that only its owner may enter, and so not the user as whom root's PostgreSQL runs."""
    tmp_path.chmod(0o700)
    yield from _folder(tmp_path / "var")


def _folder(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True)
    yield folder
    data = folder / "postgres"
    if data.is_symlink():
        shutil.rmtree(data.resolve().parent)
    shutil.rmtree(folder)
