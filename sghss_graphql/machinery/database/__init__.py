"""MySQL and MariaDB over aiomysql: pool, transactions with retry, migrations, the embedded server."""

from sghss_graphql.machinery.database.columns import Columns, Fields, Form, members
from sghss_graphql.machinery.database.failures import Conflict, DuplicateKey, MissingReference
from sghss_graphql.machinery.database.forms import Row
from sghss_graphql.machinery.database.pool import Database, with_database
from sghss_graphql.machinery.database.transactions import Reader, Transaction
from sghss_graphql.machinery.database.url import DatabaseUrl

__all__ = [
    "Columns",
    "Conflict",
    "Database",
    "DatabaseUrl",
    "DuplicateKey",
    "Fields",
    "Form",
    "MissingReference",
    "Reader",
    "Row",
    "Transaction",
    "members",
    "with_database",
]
