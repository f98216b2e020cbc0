"""Medians as tables, ratios to the goals, JSON, and one plot."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.servers import FASTIFY, GRAPHQL_PEERS, MERCURIUS, NODE_PEERS, OURS, STRAWBERRY

GOALS: Mapping[str, Mapping[str, float]] = {
    MERCURIUS: {"Q1": 0.45, "Q2": 0.65, "Q3": 0.60, "M1": 0.90},
    FASTIFY: {"Q1": 0.80, "Q2": 1.0, "Q3": 1.0, "M1": 1.0},
    STRAWBERRY: {"Q1": 0.15, "Q2": 0.08, "Q3": 0.05, "M1": 0.25},
}
"""Server CPU a request, ours divided by the peer's: at most this."""
MOST_MEMORY = 0.5
"""Of any peer in Node."""
_NOTHING = 100
"""Ours divided by that of a peer that uses none of it."""
LEAST_CARRIED = 0.9
"""Of what as many single processes would."""
MOST_GROWTH = 4 / 3
"""From 20 thousand to 2 million consultas."""


@dataclass(frozen=True)
class Result:
    """One server under one workload, once. CPU in microseconds a request, latencies in ms, memory in MiB."""

    server: str
    workload: str
    cpu: float
    rate: float
    p50: float
    p99: float
    database: float
    failed: int
    memory: float


class Medians:
    """The median of each figure over the rounds."""

    def __init__(self, results: Sequence[Result]) -> None:
        self._results = results
        self.servers = list(dict.fromkeys(result.server for result in results))
        self.workloads = list(dict.fromkeys(result.workload for result in results))

    def of(self, server: str, workload: str, figure: str) -> float:
        """Give one median; NaN of what a server isn't taught."""
        found = [value for value in self._each(server, workload, figure) if not math.isnan(value)]
        return statistics.median(found or [math.nan])

    def _each(self, server: str, workload: str, figure: str) -> list[float]:
        return [getattr(r, figure) for r in self._results if (r.server, r.workload) == (server, workload)]

    def memory(self, server: str) -> float:
        """Give the most that a server held."""
        held = (result.memory for result in self._results if result.server == server)
        return max((value for value in held if not math.isnan(value)), default=math.nan)

    def ratio(self, peer: str, workload: str, figure: str) -> float:
        """Give the median of ours divided by the peer's, each in the same round; NaN of what one isn't taught."""
        pairs = zip(self._each(OURS, workload, figure), self._each(peer, workload, figure), strict=False)
        ratios = [ours / theirs if theirs else math.inf for ours, theirs in pairs]
        return statistics.median([ratio for ratio in ratios if not math.isnan(ratio)] or [math.nan])


def brief(results: Sequence[Result]) -> str:
    """Write the CPU of one workload in a line, each server's."""
    medians = Medians(results)
    return f"{results[0].workload}: " + "  ".join(
        f"{server} {medians.of(server, results[0].workload, 'cpu'):.0f} µs" for server in medians.servers
    )


def tables(results: Sequence[Result]) -> str:
    """Write all figures, and the goals that are met and missed."""
    medians = Medians(results)
    parts = [
        _table(medians, "CPU do servidor, µs por pedido", "cpu", "{:.0f}"),
        _table(medians, "CPU do banco, µs por pedido", "database", "{:.0f}"),
        _table(medians, "pedidos por segundo", "rate", "{:.0f}"),
        _table(medians, "p50, ms", "p50", "{:.2f}"),
        _table(medians, "p99, ms", "p99", "{:.2f}"),
        "memória, MiB\n" + "\n".join(f"  {name:32}{medians.memory(name):8.0f}" for name in medians.servers),
    ]
    failed = [result for result in results if result.failed]
    parts.append(f"pedidos que falharam: {sum(result.failed for result in failed)}")
    if OURS in medians.servers:
        parts.append(_goals(medians))
    return "\n\n".join(["", *parts])


def _table(medians: Medians, title: str, figure: str, form: str) -> str:
    lines = [f"{title:34}" + "".join(f"{workload:>9}" for workload in medians.workloads)]
    for server in medians.servers:
        figures = (form.format(medians.of(server, workload, figure)) for workload in medians.workloads)
        lines.append(f"  {server:32}" + "".join(f"{'—' if one == 'nan' else one:>9}" for one in figures))
    return "\n".join(lines)


def _goals(medians: Medians) -> str:
    lines = ["metas (o nosso dividido pelo outro; ✗: não cumprida)"]
    for peer in (peer for peer in medians.servers if peer != OURS):
        cells = []
        for workload in medians.workloads:
            ratio = medians.ratio(peer, workload, "cpu")
            goal = GOALS.get(peer, {}).get(workload)
            cells.append(f"{ratio:7.2f}" + (f" ≤ {goal:.2f} {'✓' if ratio <= goal else '✗'}" if goal else " " * 9))
        lines.append(f"  CPU: {peer:30}" + "".join(cells))
        for title, figure in (("banco", "database"), ("p99", "p99")):
            ratios = (medians.ratio(peer, workload, figure) for workload in medians.workloads)
            cells = [f"{ratio:7.2f}" if ratio < _NOTHING else f"{'—':>7}" for ratio in ratios]
            lines.append(f"  {title}: {peer:{33 - len(title)}}" + "".join(one + " " * 9 for one in cells))
    for workload in medians.workloads:
        rivals = [peer for peer in GRAPHQL_PEERS if peer in medians.servers]
        if rivals:
            taught = [found for peer in rivals if not math.isnan(found := medians.of(peer, workload, "p99"))]
            best = min(taught, default=math.inf)
            ours = medians.of(OURS, workload, "p99")
            lines.append(f"  p99 de {workload}: {ours:.2f} ms; o melhor dos outros: {best:.2f} {_mark(ours <= best)}")
    for peer in (peer for peer in NODE_PEERS if peer in medians.servers):
        ratio = medians.memory(OURS) / medians.memory(peer)
        lines.append(f"  memória: {peer:26}{ratio:7.2f} ≤ {MOST_MEMORY:.2f} {_mark(ratio <= MOST_MEMORY)}")
    return "\n".join(lines)


def _mark(met: bool) -> str:
    return "✓" if met else "✗"


def carried(results: Sequence[Result], processes: int) -> str:
    """Write how much several processes, each on a core of its own, carry of what one does: by the CPU of a request.

    Where they shared a core, they are compared with one that had neighbours.
    """
    medians = Medians(results)
    alone, together, *beside = medians.servers
    lines = [f"{processes} processos, cada um num núcleo: quantas vezes o que um carrega"]
    for workload in medians.workloads:
        one, several = (medians.of(name, workload, "cpu") for name in ((*beside, alone)[0], together))
        times = processes * one / several
        lines.append(f"  {workload}: {times:.2f} {_mark(times >= LEAST_CARRIED * processes)}")
    return "\n".join(lines)


def growth(by_size: Mapping[int, Sequence[Result]]) -> str:
    """Write how the product's own figures grow with the hospital."""
    sizes = sorted(by_size)
    lines = ["consultas".ljust(20) + "".join(f"{size:>14,}" for size in sizes) + "   crescimento"]
    medians = {size: Medians(results) for size, results in by_size.items()}
    for workload in medians[sizes[0]].workloads:
        for figure, words in (("cpu", "CPU, µs"), ("p50", "p50, ms"), ("database", "banco, µs")):
            values = [medians[size].of(OURS, workload, figure) for size in sizes]
            ratio = values[-1] / values[0]
            mark = "" if figure == "database" else _mark(ratio < MOST_GROWTH)
            cells = "".join(f"{value:14.2f}" for value in values)
            lines.append(f"{workload} {words:17}{cells}   {ratio:6.2f} {mark}")
    return "\n".join(lines)


def write_json(results: Sequence[Result], path: Path) -> None:
    """Keep every figure."""
    path.write_text(json.dumps([asdict(result) for result in results], ensure_ascii=False, indent=1))


def plot(results: Sequence[Result], path: Path) -> None:
    """Draw the CPU a request of every server, a panel for each workload."""
    import matplotlib as mpl  # noqa: PLC0415 - a second to load, for one picture

    mpl.use("svg")
    from matplotlib import pyplot  # noqa: PLC0415 - as above

    medians = Medians(results)
    columns = min(len(medians.workloads), 3)
    rows = -(-len(medians.workloads) // columns)
    figure, panels = pyplot.subplots(rows, columns, figsize=(4.2 * columns, 3.0 * rows), sharey=True, squeeze=False)
    for panel in panels.flat:
        panel.axis("off")
    for panel, workload in zip(panels.flat, medians.workloads, strict=False):
        found = [medians.of(server, workload, "cpu") for server in medians.servers]
        values = [0.0 if math.isnan(one) else one for one in found]
        colours = ["#0b6e4f" if server == OURS else "#b8c4bb" for server in medians.servers]
        panel.axis("on")
        bars = panel.barh(medians.servers, values, color=colours)
        panel.bar_label(bars, fmt="%.0f", padding=2, fontsize=8)
        panel.set_title(workload, fontsize=10, loc="left")
        panel.set_xscale("log")
        panel.set_xlim(50, max(values) * 3)
        panel.xaxis.set_visible(False)
        panel.spines[["top", "right", "bottom"]].set_visible(False)
    panels[0][0].invert_yaxis()
    figure.suptitle("CPU do servidor, µs por pedido (menos é melhor; escala logarítmica)", fontsize=11)
    figure.tight_layout()
    figure.savefig(path)
