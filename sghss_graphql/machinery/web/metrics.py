"""What Prometheus reads: each process writes its figures to a file every second, and whoever is asked sums the files.

A process that is gone leaves its file, so that what only grows never shrinks; what goes up and down is summed over
those that wrote lately. Of what callers write there are the names of their operations, and only so many.
"""

import os
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from sghss_graphql.machinery.database.meter import Meter

_LATELY = 10.0
"""Seconds without a word after which a process counts as gone, or as stuck."""


_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which requests are counted together."""
_MOST_NAMES, _MOST_OF_ONE = 100, 10
_OTHERS = "outras"
"""Operations without a name, those of strangers, all past the hundredth name and past the tenth that one caller brings:
they choose names as they like."""


@dataclass(slots=True)
class About(Meter):
    """What is known of a request: its operation's name, its caller's public id, and what it cost the database."""

    operation: str = ""
    caller: str = ""
    seconds: float = 0.0
    """That it was worked on, once it was all here."""


@dataclass(slots=True)
class Times:
    """How many there were, and the seconds that they took together, in all and of the database."""

    count: int = 0
    seconds: float = 0.0
    working: float = 0.0
    waiting: float = 0.0


@dataclass(slots=True)
class Served:
    """The requests that were answered: how many by status, by how long they took, and by operation."""

    count: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    within: list[int] = field(default_factory=lambda: [0] * (len(_BUCKETS) + 1))
    operations: dict[str, Times] = field(default_factory=dict)
    _brought: Counter[str] = field(default_factory=Counter)
    """How many names each caller was the first to bring: no more callers than there are names."""

    def add(self, status: int, seconds: float, about: About | None = None) -> None:
        """Count one."""
        self.count[status] += 1
        self.seconds += seconds
        self.within[bisect_left(_BUCKETS, seconds)] += 1
        if about is None:
            return
        name = about.operation if about.caller else ""
        if not name or (name not in self.operations and not self._bring(about.caller)):
            name = _OTHERS
        times = self.operations.get(name)
        if times is None:
            times = self.operations[name] = Times()
        times.count += 1
        times.seconds += seconds
        times.working += about.working
        times.waiting += about.waiting

    def _bring(self, caller: str) -> bool:
        """Take a new name, if there is room for it."""
        if len(self.operations) >= _MOST_NAMES or self._brought[caller] >= _MOST_OF_ONE:
            return False
        self._brought[caller] += 1
        return True


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the process, in words; ``total`` if it only ever grows."""

    name: str
    words: str
    value: float
    total: bool


class Figures:
    """The figures of this process; ``more`` gives what there is to tell besides the requests that were served."""

    def __init__(self, served: Served, more: Callable[[], Iterable[Figure]]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Gathered(served, more))

    def text(self) -> bytes:
        """Write them as Prometheus reads them."""
        return generate_latest(self._registry)


def publish(folder: Path, text: bytes) -> None:
    """Leave the figures of this process for whoever sums them, whole or not at all."""
    path = folder / f"{os.getpid()}.prom"
    path.with_suffix(".new").write_bytes(text)
    path.with_suffix(".new").replace(path)


def heard_from(folder: Path) -> dict[int, float]:
    """Give the seconds since each process wrote its figures, by its number, of those that did lately."""
    now = time.time()
    ages = {int(path.stem): max(0.0, now - path.stat().st_mtime) for path in sorted(folder.glob("*.prom"))}
    return {process: age for process, age in ages.items() if age <= _LATELY}


def summed(folder: Path) -> bytes:
    """Sum what the processes wrote."""
    registry = CollectorRegistry()
    registry.register(_Summed(folder))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number for each of some things, which ``label`` says what they are."""

    name: str
    words: str
    label: str
    values: dict[str, float] = field(default_factory=dict)


def labelled(gauges: Iterable[Gauge]) -> bytes:
    """Write numbers as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(_Labelled(gauges))
    return generate_latest(registry)


class _Silent(Collector):
    def describe(self) -> list[Metric]:
        """Say nothing before it is asked."""
        return []


class _Labelled(_Silent):
    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        """Give every metric."""
        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.words, labels=[gauge.label])
            for value, number in sorted(gauge.values.items()):
                family.add_metric([value], number)
            yield family


class _Gathered(_Silent):
    def __init__(self, served: Served, more: Callable[[], Iterable[Figure]]) -> None:
        self._served = served
        self._more = more

    def collect(self) -> Iterator[Metric]:
        """Give every metric."""
        requests = CounterMetricFamily("sghss_requests", "Pedidos respondidos, por status.", labels=["status"])
        for status, count in sorted(self._served.count.items()):
            requests.add_metric([str(status)], count)
        yield requests
        yield CounterMetricFamily(
            "sghss_request_seconds", "Segundos que os pedidos levaram, somados.", self._served.seconds
        )
        yield from self._by_time()
        yield from self._by_operation()
        for figure in self._more():
            family = CounterMetricFamily if figure.total else GaugeMetricFamily
            yield family(figure.name, figure.words, figure.value)

    def _by_time(self) -> Iterator[Metric]:
        family = HistogramMetricFamily("sghss_request_duration_seconds", "Segundos que os pedidos levaram.")
        sums, so_far = [], 0
        for bound, count in zip((*map(str, _BUCKETS), "+Inf"), self._served.within, strict=True):
            so_far += count
            sums.append((bound, so_far))
        family.add_metric([], sums, self._served.seconds)
        yield family

    def _by_operation(self) -> Iterator[Metric]:
        for name, words, value in (
            ("sghss_operation", "Operações respondidas, pelo nome.", "count"),
            ("sghss_operation_seconds", "Segundos que levaram.", "seconds"),
            ("sghss_operation_database_seconds", "Segundos do banco, somados os comandos lado a lado.", "working"),
            ("sghss_operation_waiting_seconds", "Segundos à espera de uma conexão, somados.", "waiting"),
        ):
            family = CounterMetricFamily(name, words, labels=["operacao"])
            for operation, times in sorted(self._served.operations.items()):
                family.add_metric([operation], getattr(times, value))
            yield family


def _in_order(sample: tuple[tuple[str, str, tuple[tuple[str, str], ...]], float]) -> tuple[Any, ...]:
    """Order samples by name, then by labels; those of a histogram by their bound, as a number."""
    (name, sample_name, labels), _ = sample
    bound = next((float(value) for label, value in labels if label == "le"), 0.0)
    return name, sample_name, bound, labels


class _Summed(_Silent):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Give every metric of any process, once."""
        lately = heard_from(self._folder)
        families: dict[str, Metric] = {}
        sums: Counter[tuple[str, str, tuple[tuple[str, str], ...]]] = Counter()
        for path in sorted(self._folder.glob("*.prom")):
            for family in text_string_to_metric_families(path.read_text(encoding="utf-8")):
                known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    if known.type in ("counter", "histogram") or int(path.stem) in lately:
                        sums[family.name, sample.name, tuple(sorted(sample.labels.items()))] += sample.value  # type: ignore[assignment]  # a float
        for (name, sample_name, labels), value in sorted(sums.items(), key=_in_order):
            families[name].add_sample(sample_name, dict(labels), value)
        yield from families.values()
        yield GaugeMetricFamily("sghss_processes", "Processos que deram notícia há pouco.", len(lately))
