"""Secrets for trying the product out: made once, kept in a file that only its owner can read."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def ensure(var_dir: Path) -> dict[str, str]:
    """Return SECRET_KEY and API_KEY_PEPPERS from `var_dir/secrets.env`, made now if it is not there yet."""
    path = var_dir / "secrets.env"
    if not path.exists():
        _create(path)
    lines = path.read_text().splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"SECRET_KEY={secrets.token_urlsafe(50)}\nAPI_KEY_PEPPERS={secrets.token_urlsafe(32)}\n")
    with suppress(FileExistsError):
        path.hardlink_to(
            draft
        )  # Atomic: of two processes starting at once, both go on with the same secrets.
    draft.unlink()
