"""CPU time of processes and all their descendants, from /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def seconds(*roots: int) -> float:
    """What these process trees have used so far: the living, and the dead that somebody waited for."""
    stats = {int(path.name): _stat(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
    children: dict[int, list[int]] = defaultdict(list)
    for pid, stat in stats.items():
        if stat:
            children[int(stat[1])].append(pid)
    return sum(_of_tree(root, stats, children) for root in roots) / _TICK


def parent_of(pid: int) -> int | None:
    """The parent of a process of this machine, or None if there is no such process here."""
    stat = _stat(Path(f"/proc/{pid}"))
    return int(stat[1]) if stat else None


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _of_tree(pid: int, stats: dict[int, list[str]], children: dict[int, list[int]]) -> int:
    stat = stats.get(pid)
    own = sum(int(ticks) for ticks in stat[11:15]) if stat else 0
    return own + sum(_of_tree(child, stats, children) for child in children[pid])


def _stat(process: Path) -> list[str]:
    """The fields after the name, which may hold anything: state, parent, …, user, system, and both of children."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
