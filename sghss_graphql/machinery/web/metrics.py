"""``/metrics``: what Prometheus reads of this process, gathered when it asks. No name or value comes from a caller."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


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


def metrics_route(served: Served, figures: Callable[[], Iterable[Figure]]) -> Route:
    """Make the route; ``figures`` gives what else there is to tell."""
    registry = CollectorRegistry()
    registry.register(_Gathered(served, figures))

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return Route("/metrics", metrics, methods=["GET"])


class _Gathered(Collector):
    def __init__(self, served: Served, figures: Callable[[], Iterable[Figure]]) -> None:
        self._served = served
        self._figures = figures

    def describe(self) -> list[Metric]:
        """Say nothing before it is asked."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give every metric."""
        requests = CounterMetricFamily("sghss_requests", "Pedidos respondidos, por status.", labels=["status"])
        for status, count in sorted(self._served.count.items()):
            requests.add_metric([str(status)], count)
        yield requests
        yield CounterMetricFamily(
            "sghss_request_seconds", "Segundos que os pedidos levaram, somados.", self._served.seconds
        )
        for figure in self._figures():
            family = CounterMetricFamily if figure.total else GaugeMetricFamily
            yield family(figure.name, figure.words, figure.value)
