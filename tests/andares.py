"""Reads the storeys of ``schema.py`` for import-linter: who may rest on whom, and whose a store is."""

from collections.abc import Iterable

import grimp
from importlinter import Contract, ContractCheck, output

from sghss_graphql.schema import ANDARES

PACKAGE = "sghss_graphql"
GROUPS = ("clinica", "atendimento", "cadastro", "confianca")


def storeys() -> list[set[str]]:
    """Give the modules of the rooms, a storey each, the highest first."""
    return [{f"{PACKAGE}.{sala.nome.replace('/', '.')}" for sala in andar} for andar in ANDARES]


def broken(graph: grimp.ImportGraph, floors: list[set[str]]) -> Iterable[str]:
    """Say what the rooms do that they may not."""
    listed = set[str]().union(*floors)
    for group in GROUPS:
        for room in sorted(graph.find_children(f"{PACKAGE}.{group}") - listed):
            yield f"{room} stands on no storey: list it in ANDARES of schema.py"
    wrong = graph.find_illegal_dependencies_for_layers([grimp.Layer(*floor, independent=True) for floor in floors])
    for dependency in sorted(wrong, key=str):
        for route in dependency.routes:
            chain = [*sorted(route.heads), *route.middle, *sorted(route.tails)]
            yield f"{dependency.importer} may not rest on {dependency.imported}: {' → '.join(chain)}"
    for store in sorted(module for module in graph.modules if module.endswith(".store")):
        room = store.removesuffix(".store")
        for module in sorted(graph.find_modules_that_directly_import(store)):
            if not module.startswith(f"{room}."):
                yield f"{module} uses the store of {room}: call what {room}.porta offers, or write it there"


class Rooms(Contract):
    """Each room rests on the storeys below its own alone; nobody but the room uses its store."""

    type_name = "rooms"

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Check the package as it is."""
        found = list(broken(graph, storeys()))
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say what was found, a line each."""
        for line in check.metadata["found"]:
            output.print_error(line, bold=False)
