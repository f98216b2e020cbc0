"""MySQL and MariaDB over aiomysql: pool, transactions with retry, migrations, the embedded server."""

from sghss_graphql.database.bulk import Row
from sghss_graphql.database.failures import ChaveDuplicada, ReferenciaAusente
from sghss_graphql.database.pool import Database, Reader, Transaction, with_database
from sghss_graphql.database.statements import Columns, Fields, members
from sghss_graphql.database.url import DatabaseUrl

__all__ = [
    "ChaveDuplicada",
    "Columns",
    "Database",
    "DatabaseUrl",
    "Fields",
    "Reader",
    "ReferenciaAusente",
    "Row",
    "Transaction",
    "members",
    "with_database",
]
