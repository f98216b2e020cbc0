"""Every setting comes from one environment variable, ``SGHSS_`` and its name, and is checked at the start."""

import os
from collections.abc import Iterable
from datetime import timedelta
from difflib import get_close_matches
from importlib import import_module
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from annotated_types import Ge, Gt, Le, Lt
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sghss_graphql.confianca.acesso.chaves import BadKey, Key, pem_keys, require_strong, secret_key
from sghss_graphql.machinery.database import DatabaseUrl
from sghss_graphql.vocabulario.errors import SghssError
from sghss_graphql.vocabulario.tempo import FUSO_PADRAO, fuso_canonico

PREFIX = "SGHSS_"
_OTHERS = frozenset(
    f"{PREFIX}{name}"
    for name in ("SENHA", "SENHA_PROVISORIA", "TEST_SERVER", "TEST_PROCESSES", "EXAMPLES", "REWRITE", "CHROMIUM")
)
"""Variables that aren't settings of the server: of ``administrador``, and of the tests."""


class ConfiguracaoInvalida(SghssError):
    """A setting is missing or wrong; the text names the variable and says what it takes."""


class Settings(BaseSettings):
    """The settings. A description is what the docs show; units are in the names."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    database_url: str | None = Field(
        None,
        description="O banco de dados: `mysql://usuario:senha@host:3306/banco`, ou com `?unix_socket=/caminho`. De"
        " um grupo, todos os servidores, como `@um:3306,dois:3306,tres:3306/banco`: acha-se o que aceita escritas. Em"
        " outra máquina, sempre por TLS verificado (`?ssl_ca=` aceita uma autoridade própria).",
    )
    migrate_database_url: str | None = Field(
        None, description="O mesmo banco, com o usuário que altera tabelas; se ausente, `SGHSS_DATABASE_URL`."
    )
    read_url: str | None = Field(
        None,
        description="Réplicas, num endereço como o de `SGHSS_DATABASE_URL`: a `query` lê delas o que elas já têm.",
    )
    jwt_secret: SecretStr | None = Field(
        None, description="O segredo que assina os tokens: 32 bytes ou mais. `dev` cria um e o guarda."
    )
    jwt_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (),
        description="Vários segredos, separados por vírgula, no lugar de `SGHSS_JWT_SECRET`: o primeiro assina, os"
        " outros só conferem. Para trocar de segredo sem derrubar ninguém, ponha o novo à frente, e tire o velho uma"
        " hora depois.",
    )
    jwt_key_file: Path | None = Field(
        None,
        description="Um arquivo PEM com chaves privadas Ed25519 (a primeira assina), no lugar dos segredos ou à frente"
        " deles; as públicas ficam em `/.well-known/jwks.json`.",
    )
    jwt_issuer: str = Field("sghss", description="O emissor (`iss`) dos tokens.")
    jwt_audience: str = Field("sghss-api", description="O destinatário (`aud`) dos tokens.")
    hospital: str = Field(
        "SGHSS", min_length=1, max_length=200, description="O nome do hospital, que clientes mostram."
    )
    time_zone: str = Field(
        FUSO_PADRAO,
        description="O fuso horário do hospital, pelo nome canônico da IANA: nele se lê que dia é hoje.",
    )
    demonstration: bool = Field(
        default=False, description="Se o hospital é de demonstração, o que clientes mostram; `dev` o liga."
    )
    host: str = Field("127.0.0.1", description="O endereço em que o servidor atende.")
    port: int = Field(8000, ge=1, le=65535, description="A porta em que o servidor atende.")
    admin_host: str = Field(
        "127.0.0.1",
        description="O endereço em que `serve` e `dev` respondem a quem administra: `/metrics` (Prometheus, os"
        " processos somados) e `/readyz` com o motivo.",
    )
    admin_port: int | None = Field(
        None, ge=0, le=65535, description="A porta desse endereço; se ausente, a seguinte a `SGHSS_PORT`; 0, nenhuma."
    )
    metrics_folder: Path | None = Field(
        None, description="A pasta em que os processos deixam suas métricas; se ausente, uma temporária."
    )
    workers: int = Field(1, ge=1, le=64, description="Quantos processos `serve` inicia.")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="As origens de páginas que podem chamar a API, separadas por vírgula."
    )
    home: Path = Field(Path(".sghss"), description="A pasta do banco embutido e do segredo de `dev`.")
    cache: Path = Field(Path("~/.cache/sghss"), description="A pasta em que o servidor de banco baixado é guardado.")
    bcrypt_cost: int = Field(12, ge=4, le=16, description="O custo do bcrypt para senhas novas (2ⁿ rodadas).")
    session_idle_minutes: int = Field(
        480, ge=5, le=43_200, description="Minutos sem uso (sem renovação) depois dos quais a sessão termina."
    )
    login_failures: int = Field(
        10,
        ge=3,
        le=100,
        description="Falhas seguidas de login, de um endereço, depois das quais o CPF é bloqueado dali por um tempo.",
    )
    login_tries_per_second: float = Field(
        1.0, ge=0, description="Logins por segundo que se tentam de cada endereço, em média; 0 não limita."
    )
    shared_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="As redes de que muitas pessoas saem por um endereço só (a do hospital, o Wi-Fi da recepção), como"
        " `10.0.0.0/8`, separadas por vírgula: os limites por endereço são vinte vezes maiores.",
    )
    care_days: int = Field(
        365,
        ge=1,
        le=3_650,
        description="Dias, depois do fim de uma consulta, em que o paciente segue sob os cuidados de quem atendeu.",
    )
    booking_days: int = Field(730, ge=1, le=36_500, description="Até quantos dias à frente se marca uma consulta.")
    patient_booking_days: int = Field(
        180, ge=1, le=36_500, description="Até quantos dias à frente um paciente marca ou remarca para si mesmo."
    )
    patient_bookings: int = Field(
        12, ge=0, description="Quantas consultas por vir um paciente tem para ainda marcar outra; 0 não limita."
    )
    patient_bookings_by_specialty: int = Field(
        5, ge=0, description="Quantas delas com profissionais de uma mesma especialidade; 0 não limita."
    )
    tasks: bool = Field(
        True,
        description="Se este servidor também faz o que o hospital faz sozinho (varrer, vencer); senão, faça-o"
        " sghss-graphql tarefas.",
    )
    encaixes: int = Field(
        4, ge=0, le=100, description="Quantos encaixes um profissional tem ao mesmo tempo; 0, nenhum."
    )
    emergency_hours: int = Field(4, ge=1, le=72, description="Horas que um acesso de emergência dura.")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="As redes dos proxies em cuja palavra se confia sobre quem pede, separadas por vírgula."
    )
    forwarded_header: Literal["x-forwarded-for", "forwarded", "proxy"] = Field(
        "x-forwarded-for",
        description="Onde os proxies dizem por quem falam: o cabeçalho `x-forwarded-for` ou `forwarded`, ou `proxy`, o"
        " protocolo PROXY (1 ou 2) no começo de cada conexão.",
    )
    connections: int = Field(2_000, ge=10, description="Conexões abertas por processo; saúde e prontidão sempre cabem.")
    connections_per_address: int = Field(
        100, ge=4, description="Conexões de um endereço (ou /64) que ainda não mostrou um token válido."
    )
    requests_at_once: int = Field(
        200,
        ge=0,
        description="Quantos pedidos cada processo responde ao mesmo tempo, até metade de um só usuário (ou endereço);"
        " os outros recebem SERVICO_INDISPONIVEL na hora, com `Retry-After`. 0 não limita.",
    )
    requests_per_second: float = Field(
        1_000.0, ge=0, description="Pedidos por segundo de cada usuário, em média; 0 não limita."
    )
    stranger_requests_per_second: float = Field(
        20.0, ge=0, description="Pedidos por segundo de cada endereço de quem não entrou, em média; 0 não limita."
    )
    database_seconds: float = Field(
        0.5,
        ge=0,
        description="Segundos de banco por segundo que cada usuário ocupa, em média; quem passa disso tem uma conexão"
        " ao banco por vez. 0 não limita.",
    )
    registrations_per_hour: float = Field(
        60.0, ge=0, description="Cadastros por hora que estranhos tentam de cada endereço, em média; 0 não limita."
    )
    contingency: Path | None = Field(
        None,
        description="Uma pasta desta máquina em que se guarda a cada minuto, cifrada, a agenda de hoje e amanhã, que"
        " `sghss-graphql contingencia` abre quando o banco está fora do ar.",
    )
    pool_size: int = Field(10, ge=1, le=200, description="Conexões ao banco por processo.")
    deadline_seconds: float = Field(
        10.0, gt=0, le=300, description="Segundos que uma operação pode levar antes de SERVICO_INDISPONIVEL."
    )
    body_bytes: int = Field(1_048_576, ge=1024, description="O maior corpo de pedido aceito, em bytes.")
    body_seconds: float = Field(10.0, gt=0, description="Segundos que o corpo de um pedido pode levar para chegar.")
    query_characters: int = Field(262_144, ge=1_000, description="O maior texto de uma operação, em caracteres.")
    query_tokens: int = Field(10_000, ge=100, description="O máximo de símbolos léxicos de uma operação.")
    query_depth: int = Field(20, ge=1, description="O máximo de níveis de uma operação, contados os fragmentos.")
    query_fields: int = Field(1_000, ge=1, description="O máximo de campos de uma operação, contados os fragmentos.")
    query_aliases: int = Field(500, ge=1, description="O máximo de apelidos (aliases), contados os fragmentos.")
    query_directives: int = Field(200, ge=1, description="O máximo de diretivas, contados os fragmentos.")
    query_roots: int = Field(50, ge=1, description="O máximo de campos na raiz de uma operação.")
    query_objects: int = Field(
        20_000,
        ge=1,
        description="O máximo de objetos que uma operação pode devolver, contado pelos argumentos.",
    )
    backup_recipients: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Para que chaves públicas de age as cópias são cifradas (`age1…`), separadas por vírgula."
    )
    documents: Path | None = Field(
        None,
        description="Documentos conhecidos, que se pedem por `documentId`: uma pasta de arquivos .graphql ou um"
        " manifesto JSON (GraphQL Code Generator, Relay, Apollo).",
    )
    only_documents: bool = Field(False, description="Se só documentos conhecidos são executados.")
    graphiql: bool = Field(
        False, description="Se um navegador em `/graphql` recebe a página GraphiQL. Em `dev`, sempre."
    )
    log_requests: bool = Field(
        True, description="Se cada pedido deixa uma linha no registro; se não, só os que falham por culpa do servidor."
    )
    log_format: Literal["texto", "json"] = Field(
        "texto", description="Como o registro é escrito: uma linha para pessoas, ou JSON para quem junta registros."
    )
    traces: bool = Field(
        False,
        description="Se cada operação é um traço do OpenTelemetry, com um trecho por comando SQL, só pelos nomes. Para"
        " onde vai, dizem as variáveis dele (`OTEL_EXPORTER_OTLP_ENDPOINT`, …). Precisa do extra `otel`.",
    )
    slow_seconds: float = Field(
        1.0, gt=0, description="Segundos a partir dos quais uma operação deixa no registro um aviso de lenta, sempre."
    )
    introspection: bool = Field(True, description="Se o schema pode ser consultado pela própria API.")

    @field_validator(
        "cors_origins", "shared_networks", "trusted_proxies", "jwt_secrets", "backup_recipients", mode="before"
    )
    @classmethod
    def _separate(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _no_wildcard(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(not origin.startswith(("http://", "https://")) for origin in value):
            raise ValueError("liste origens inteiras, como https://app.hospital.br; nunca *")
        return value

    @field_validator("shared_networks", "trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ip_network(network, strict=False)
            except ValueError:
                raise ValueError("escreva redes como 10.0.0.0/8 ou 2001:db8::/32") from None
        return value

    @field_validator("time_zone")
    @classmethod
    def _canonical(cls, value: str) -> str:
        return fuso_canonico(value)

    @field_validator("database_url", "migrate_database_url", "read_url")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None:
            DatabaseUrl.parse(value).connect_arguments()
        return value

    @field_validator("traces")
    @classmethod
    def _installed(cls, value: bool) -> bool:
        try:
            return value and bool(import_module("sghss_graphql.machinery.web.traces"))
        except ModuleNotFoundError:
            raise ValueError("o OpenTelemetry não está instalado: pip install 'sghss-graphql[otel]'") from None

    @field_validator("jwt_secret", "jwt_secrets")
    @classmethod
    def _strong(cls, value: SecretStr | tuple[SecretStr, ...] | None) -> SecretStr | tuple[SecretStr, ...] | None:
        for secret in value if isinstance(value, tuple) else filter(None, (value,)):
            require_strong(secret.get_secret_value())
        return value

    @property
    def embedded_folder(self) -> Path:
        """Where the demo keeps a database of its own."""
        return self.home / "banco"

    @property
    def app_database(self) -> DatabaseUrl:
        """The database, as the application's user.

        Raises:
            ConfiguracaoInvalida: there is none.
        """
        if self.database_url is None:
            raise ConfiguracaoInvalida(
                "Falta SGHSS_DATABASE_URL: mysql://usuario:senha@host:3306/banco. Para experimentar sem um banco"
                " próprio, use: sghss-graphql dev"
            )
        return DatabaseUrl.parse(self.database_url)

    @property
    def owner_database(self) -> DatabaseUrl:
        """The database, as the user who owns the schema."""
        return DatabaseUrl.parse(self.migrate_database_url) if self.migrate_database_url else self.app_database

    @property
    def cache_folder(self) -> Path:
        """Where unpacked servers are kept: in ``home`` for a user who has no folder of their own."""
        try:
            folder = self.cache.expanduser()
        except RuntimeError:  # nobody knows this user's home
            return self.home / "cache"
        above = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        return folder if os.access(above, os.R_OK if above == folder else os.W_OK) else self.home / "cache"

    @property
    def admin_address(self) -> tuple[str, int]:
        """The host and port for those who run the server."""
        following = self.port + 1 if self.port < 65535 else self.port - 1
        return self.admin_host, following if self.admin_port is None else self.admin_port

    @property
    def keys(self) -> list[Key]:
        """The keys of access tokens: the first signs.

        Raises:
            ConfiguracaoInvalida: there is none, or the file of keys can't be used.
        """
        try:
            from_file = pem_keys(self.jwt_key_file) if self.jwt_key_file is not None else []
        except BadKey as error:
            raise ConfiguracaoInvalida(f"SGHSS_JWT_KEY_FILE: {error}.") from None
        secrets = self.jwt_secrets or ((self.jwt_secret,) if self.jwt_secret is not None else ())
        found = [*from_file, *(secret_key(secret.get_secret_value().encode()) for secret in secrets)]
        if not found:
            raise ConfiguracaoInvalida(
                "Falta SGHSS_JWT_SECRET, o segredo que assina os tokens: 32 bytes ou mais. Por exemplo:"
                " export SGHSS_JWT_SECRET=$(openssl rand -base64 48)"
            )
        return found

    @property
    def session_idle(self) -> timedelta:
        """How long a session may go unused."""
        return timedelta(minutes=self.session_idle_minutes)


def read_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment.

    Raises:
        ConfiguracaoInvalida: one is wrong; names every wrong one, and quotes no value.
    """
    _refuse_misspelt()
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [f"{PREFIX}{str(fault['loc'][0]).upper()}: {_reason(fault)}" for fault in error.errors()]
    raise ConfiguracaoInvalida("Configuração inválida.\n" + "\n".join(lines))


def _refuse_misspelt() -> None:
    """Refuse a variable that would be read if it were spelt right, and name the one that it is near to.

    Raises:
        ConfiguracaoInvalida: there is one.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | _OTHERS
    strange = sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)
    if strange:
        lines = [f"{name}: {_near(name, known)}" for name in strange]
        raise ConfiguracaoInvalida("Configuração inválida.\n" + "\n".join(lines))


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.upper(), known, n=1)
    return "não é uma configuração do SGHSS" + (f"; quis dizer {near[0]}?" if near else "")


def settings_table() -> str:
    """Write the table of settings that the docs show, in Markdown."""
    rows = [
        f"| `{PREFIX}{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| Variável | Padrão | O que é |", "|---|---|---|", *rows])


def _default(value: Any) -> str:
    return "—" if value in (None, ()) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


_BOUNDS: dict[type, str] = {Ge: "{0.ge} ou mais", Gt: "maior que {0.gt}", Le: "{0.le} ou menos", Lt: "menor que {0.lt}"}


def _reason(fault: Any) -> str:
    """Say what a setting takes, in Portuguese."""
    name, kind = str(fault["loc"][0]), str(fault["type"])
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    if kind == "extra_forbidden":
        return "não é uma configuração do SGHSS"
    field = Settings.model_fields[name]
    bounds = [_BOUNDS[type(part)].format(part) for part in field.metadata if type(part) in _BOUNDS]
    types = {int: "um número inteiro", float: "um número", bool: "true ou false"}
    annotation = next(iter(get_args(field.annotation)), field.annotation)
    takes = types.get(annotation, "um texto") if isinstance(annotation, type) else "um texto"
    return f"o valor não serve; é {takes}" + (f" ({', '.join(bounds)})" if bounds else "")
