"""What Prometheus reads: each process writes its figures to a file every second, and whoever is asked sums the files.

A process that is gone leaves its file, so that what only grows never shrinks; what goes up and down is summed over
those that wrote lately. No name or value comes from a caller.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

_LATELY = 10.0
"""Seconds without a word after which a process counts as gone, or as stuck."""


@dataclass(slots=True)
class Served:
    """The requests that were answered: how many by status, and the seconds that they took together."""

    count: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, status: int, seconds: float) -> None:
        """Count one."""
        self.count[status] += 1
        self.seconds += seconds


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
        for figure in self._more():
            family = CounterMetricFamily if figure.total else GaugeMetricFamily
            yield family(figure.name, figure.words, figure.value)


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
                    if known.type == "counter" or int(path.stem) in lately:
                        sums[family.name, sample.name, tuple(sorted(sample.labels.items()))] += sample.value  # type: ignore[assignment]  # a float
        for (name, sample_name, labels), value in sorted(sums.items()):
            families[name].add_sample(sample_name, dict(labels), value)
        yield from families.values()
        yield GaugeMetricFamily("sghss_processes", "Processos que deram notícia há pouco.", len(lately))
