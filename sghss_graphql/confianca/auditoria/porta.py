"""The door of auditoria: a change goes on the trail inside the transaction that makes it."""

from sghss_graphql.confianca.auditoria import store
from sghss_graphql.confianca.auditoria.atos import Registro
from sghss_graphql.machinery.database import Transaction


def registrar(tx: Transaction, registro: Registro) -> None:
    """Add an entry, committed with what it tells of."""
    store.inserir(tx, [registro])
