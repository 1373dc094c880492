"""Rounds of measurements, and what is said about them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from helpdesk.bench import cpu
from helpdesk.bench.cases import Case
from helpdesk.bench.client import send

CONNECTIONS = 8
_WARM_UP = 40
_SHORTEST, _LONGEST = 40, 4_000
"""Requests of one case in one round."""

Measure = Callable[["Round"], float]


@dataclass(frozen=True, slots=True)
class Round:
    """What one case cost in one round."""

    cpu_ms: float
    per_second: float
    latencies: list[float]


Rounds = dict[str, list[Round]]


def measure(cases: Sequence[Case], port: int, roots: Sequence[int], *, rounds: int, seconds: float) -> Rounds:
    """Interleaved: each round measures every case for about `seconds`, so that noise meets all of them alike."""
    counts = {case.letter: _affordable(case, port, seconds) for case in cases}
    results: Rounds = {case.letter: [] for case in cases}
    for number in range(rounds):
        for case in (*cases[number % len(cases) :], *cases[: number % len(cases)]):
            results[case.letter].append(_measured(case, port, roots, counts[case.letter]))
    return results


def _affordable(case: Case, port: int, seconds: float) -> int:
    """How many requests fit into the time. Warms the server up for this case as well."""
    send(case, port, requests=_WARM_UP, connections=CONNECTIONS)
    began = time.perf_counter()
    send(case, port, requests=_WARM_UP, connections=CONNECTIONS)
    each = (time.perf_counter() - began) / _WARM_UP
    return int(min(_LONGEST, max(_SHORTEST, seconds / each)) // CONNECTIONS * CONNECTIONS)


def _measured(case: Case, port: int, roots: Sequence[int], requests: int) -> Round:
    used, began = cpu.seconds(*roots), time.perf_counter()
    latencies = send(case, port, requests=requests, connections=CONNECTIONS)
    took = time.perf_counter() - began
    return Round((cpu.seconds(*roots) - used) * 1000 / requests, requests / took, latencies)


def table(cases: Sequence[Case], results: Rounds) -> Iterable[str]:
    """The figures, each as min/median/max over the rounds; ratios are taken round by round."""
    yield f"{'':48}{'CPU ms per request':>20}{'× (a)':>8}{'requests/s':>20}{'× (a)':>8}{'p50':>8}{'p99':>8}{'SQL':>5}"
    stick = results[cases[0].letter]
    for case in cases:
        rounds = results[case.letter]
        latencies = quantiles([taken for one in rounds for taken in one.latencies], n=100)
        yield (
            f"({case.letter}) {case.name:44}"
            f"{_spread(one.cpu_ms for one in rounds):>20}{_ratio(rounds, stick, _cpu):>8.2f}"
            f"{_spread((one.per_second for one in rounds), digits=0):>20}{_ratio(rounds, stick, _rate):>8.2f}"
            f"{latencies[49] * 1000:>8.1f}{latencies[98] * 1000:>8.1f}{case.queries:>5}"
        )


def noise(results: Rounds, letter: str) -> str:
    """How much the same work differed between rounds: differences smaller than this mean nothing."""
    rounds = results[letter]
    return f"({letter}) between rounds: CPU ± {_wobble(rounds, _cpu):.0%}, requests/s ± {_wobble(rounds, _rate):.0%}"


def _cpu(one: Round) -> float:
    return one.cpu_ms


def _rate(one: Round) -> float:
    return one.per_second


def _ratio(rounds: Sequence[Round], stick: Sequence[Round], value: Measure) -> float:
    return median(value(one) / (value(bare) or 1e-9) for one, bare in zip(rounds, stick, strict=True))


def _wobble(rounds: Sequence[Round], value: Measure) -> float:
    values = [value(one) for one in rounds]
    return (max(values) - min(values)) / 2 / (median(values) or 1e-9)


def _spread(values: Iterable[float], *, digits: int = 2) -> str:
    ordered = sorted(values)
    return "/".join(f"{value:.{digits}f}" for value in (ordered[0], median(ordered), ordered[-1]))
