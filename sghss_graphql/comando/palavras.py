"""What an error says to the people who run the server, and the settings that they gave."""

from sghss_graphql.machinery.database.failures import Unreachable
from sghss_graphql.machinery.faults import Excess, Fault, Malformed, Unavailable, os_reason
from sghss_graphql.settings import Settings, read_settings
from sghss_graphql.vocabulario.errors import Falha, Recusa, SghssError, contar
from sghss_graphql.vocabulario.scalars import ValorInvalido


def words(error: Exception) -> str | None:
    """Give the words of an error that a person can do something about; None for a fault of ours."""
    match error:
        case Unreachable():
            return error.reason
        case Recusa() | Falha():
            return error.mensagem
        case Malformed() | Excess() | Unavailable():
            return contar(error).message
        case ValorInvalido():
            return error.message
        case SghssError() | Fault():
            return str(error)
        case ModuleNotFoundError(name="faker"):
            return "A demonstração pede um pacote a mais: pip install 'sghss-graphql[demo]'."
        case OSError():
            return f"Não foi possível usar {error.filename or 'o disco'}: {os_reason(error)}."
    return None


def settings(options: dict[str, str | None]) -> Settings:
    """Read the settings; what the command line says goes before the environment.

    Raises:
        ConfiguracaoInvalida: one is missing or wrong.
    """
    return read_settings(**{name: value for name, value in options.items() if value is not None})
