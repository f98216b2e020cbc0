"""The command ``sghss-graphql``: what runs the hospital, in Portuguese.

Exit codes: 0 done, 1 refused (the message says what to do), 2 wrong usage, 3 migrations are due, 130 interrupted.
What a command runs on is imported when it is run, so that ``--help`` answers at once.
"""

import gettext
import importlib
import os
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import click

INTERRUPTED = 130
PAPEIS = ("paciente", "profissional", "recepcao", "administrador")
_PAPEIS = tuple(papel.upper() for papel in PAPEIS)


class _InOrder(click.Group):
    """A group that lists its commands in the order in which one needs them."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)


def main() -> None:
    """Run the command, and leave with its exit code."""
    speak_portuguese()
    try:
        colour = False if "NO_COLOR" in os.environ else None
        sys.exit(app.main(prog_name="sghss-graphql", standalone_mode=False, color=colour))
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        words = _module("palavras").words(error)
        if words is None:
            raise
        click.echo(f"{click.style('Erro:', fg='red')} {words}", err=True)
        sys.exit(1)


def _module(name: str) -> Any:
    """Import a part of the command."""
    return importlib.import_module(f"sghss_graphql.comando.{name}")


def speak_portuguese() -> None:
    """Let click's own words come from our catalogue (gettext's: the language is chosen by LANGUAGE)."""
    gettext.bindtextdomain("messages", str(files("sghss_graphql.comando") / "locale"))
    os.environ["LANGUAGE"] = "pt_BR"


@click.group(
    cls=_InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="COMANDO [OPÇÕES]",
    epilog="As configurações são variáveis de ambiente, SGHSS_…; doctor diz o que falta. Códigos de saída: 0 feito,"
    " 1 recusado, 2 uso errado, 3 há migrações por aplicar, 130 interrompido.",
)
@click.version_option(version("sghss-graphql"), message="%(prog)s %(version)s", help="Mostra a versão.")
def app() -> None:
    """SGHSS GraphQL: a API de um hospital."""


@app.command(options_metavar="[OPÇÕES]")
@click.option("--host", metavar="ENDEREÇO", help="Onde atender; se ausente, SGHSS_HOST.")
@click.option("--port", metavar="PORTA", help="Em que porta atender; se ausente, SGHSS_PORT.")
@click.option("--preparar", is_flag=True, help="Só cria o banco e carrega a demonstração, sem atender.")
def dev(host: str | None, port: str | None, preparar: bool) -> None:
    """Sobe um hospital de demonstração.

    Banco de dados embutido (ou o de SGHSS_DATABASE_URL, se vazio), dados fictícios, a API e a página GraphiQL.
    Ctrl-C encerra tudo.
    """
    _module("dev").start(_settings(host=host, port=port), only_prepare=preparar)


@app.command(options_metavar="[OPÇÕES]")
@click.option("--host", metavar="ENDEREÇO", help="Onde atender; se ausente, SGHSS_HOST.")
@click.option("--port", metavar="PORTA", help="Em que porta atender; se ausente, SGHSS_PORT.")
@click.option("--workers", metavar="N", help="Quantos processos; se ausente, SGHSS_WORKERS.")
@click.option("--sem-tarefas", "tasks", flag_value="false", help="Só atende; as tarefas são de sghss-graphql tarefas.")
def serve(**options: str | None) -> None:
    """Serve a API sobre o banco de SGHSS_DATABASE_URL.

    O banco já está migrado, e o usuário só pode o que sql/grants.sql lhe dá. Antes de atender, confere a versão, a
    sessão, os direitos e o relógio do banco, e diz o que falta.
    """
    _module("servir").serve(_settings(**options), options)


@app.command(options_metavar="")
def tarefas() -> None:
    """Faz só o que o hospital faz sozinho, até um sinal.

    Varre reservas, pedidos com chave e contadores que expiraram, vence códigos. Cada tarefa é de um processo por vez,
    este ou um servidor; se ele morre, ela passa a outro em um minuto.
    """
    _module("servir").run_tasks(_settings())


@app.command(name="migrate", options_metavar="[OPÇÕES]")
@click.option("--status", is_flag=True, help="Só mostra cada migração e quando foi aplicada.")
@click.option("--dry-run", is_flag=True, help="Só mostra o SQL que seria executado.")
def migrate_command(status: bool, dry_run: bool) -> None:
    """Leva o banco à última migração.

    Usa SGHSS_MIGRATE_DATABASE_URL (o usuário que altera tabelas) ou, na falta dele, SGHSS_DATABASE_URL. Interrompido,
    continua de onde parou; dois ao mesmo tempo esperam um pelo outro. Com --status ou --dry-run, nada muda, e o código
    de saída é 3 quando há o que aplicar.
    """
    _module("banco").migrate_or_tell(_settings(), status=status, dry_run=dry_run)


@app.command(options_metavar="")
def seed() -> None:
    """Carrega o hospital de demonstração num banco vazio."""
    _module("dev").fill(_settings())


@app.command(options_metavar="[OPÇÕES]")
@click.option("--cpf", prompt="CPF", metavar="CPF", help="CPF do administrador.")
@click.option("--nome", prompt="Nome completo", metavar="NOME", help="Nome completo do administrador.")
@click.option(
    "--senha",
    prompt="Senha provisória",
    metavar="SENHA",
    hide_input=True,
    confirmation_prompt="Repita a senha",
    envvar="SGHSS_SENHA_PROVISORIA",
    help="Senha provisória, trocada no primeiro acesso; melhor perguntada, ou em SGHSS_SENHA_PROVISORIA.",
)
def administrador(cpf: str, nome: str, senha: str) -> None:
    """Cadastra o primeiro administrador de um hospital vazio."""
    _module("banco").register_administrator(_settings(), cpf=cpf, nome=nome, senha=senha)


@app.group(options_metavar="", subcommand_metavar="COMANDO")
def usuario() -> None:
    """Cuida de quem entra no sistema."""


@usuario.command(options_metavar="[OPÇÕES]")
@click.option("--cpf", prompt="CPF", metavar="CPF", help="CPF da pessoa.")
@click.option("--nome", prompt="Nome completo", metavar="NOME", help="Nome completo.")
@click.option("--papel", type=click.Choice(("RECEPCAO", "ADMINISTRADOR")), required=True, help="O papel.")
@click.option("--email", metavar="E-MAIL", help="E-mail para contato.")
def criar(cpf: str, nome: str, papel: str, email: str | None) -> None:
    """Cadastra alguém da equipe e mostra o código com que a pessoa define a senha."""
    _module("contas").create(_settings(), cpf=cpf, nome=nome, papel=papel, email=email)


@usuario.command(options_metavar="[OPÇÕES]")
@click.option("--busca", metavar="NOME", help="O início de palavras do nome.")
@click.option("--papel", type=click.Choice(_PAPEIS), help="Só quem tem este papel.")
@click.option("--desativados", is_flag=True, help="Só os desativados.")
def listar(busca: str | None, papel: str | None, desativados: bool) -> None:
    """Lista quem entra no sistema: CPF, nome e papéis."""
    _module("contas").show(_settings(), busca=busca, papel=papel, desativados=desativados)


@usuario.command(options_metavar="")
@click.argument("cpf", metavar="CPF")
def codigo(cpf: str) -> None:
    """Emite um código de acesso; a senha e as sessões que havia deixam de valer."""
    _module("contas").hand_out(_settings(), cpf)


@usuario.command(options_metavar="[OPÇÕES]")
@click.argument("cpf", metavar="CPF")
@click.argument("nome", metavar="PAPEL", type=click.Choice(_PAPEIS))
@click.option("--tirar", is_flag=True, help="Tira o papel, em vez de dar.")
def papel(cpf: str, nome: str, tirar: bool) -> None:
    """Dá um papel a alguém, ou o tira; o último administrador fica."""
    _module("contas").change_role(_settings(), cpf, nome, tirar=tirar)


@usuario.command(options_metavar="[OPÇÕES]")
@click.argument("cpf", metavar="CPF")
@click.option("--motivo", prompt="Motivo", metavar="TEXTO", help="Por que é desativado.")
def desativar(cpf: str, motivo: str) -> None:
    """Desativa quem entra: as sessões e os códigos terminam, as consultas ficam."""
    _module("contas").deactivate(_settings(), cpf, motivo)


@usuario.command(options_metavar="")
@click.argument("cpf", metavar="CPF")
def desbloquear(cpf: str) -> None:
    """Desbloqueia quem errou a senha demais.

    Para quando não há outro administrador que o faça (mutation desbloquearLogin). Fica na auditoria.
    """
    _module("banco").unlock(_settings(), cpf)


@app.group(options_metavar="", subcommand_metavar="COMANDO")
def pacientes() -> None:
    """Traz e leva o cadastro de pacientes, em arquivos CSV."""


@pacientes.command(options_metavar="[OPÇÕES]")
@click.argument("arquivo", metavar="ARQUIVO", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--ensaio", is_flag=True, help="Só confere, e diz o que seria recusado; nada é gravado.")
@click.option("--a-partir-da-linha", metavar="N", type=click.IntRange(1), default=1, help="De que linha continuar.")
@click.option("--mesmo-se-duplicado", is_flag=True, help="Cadastra também quem pode já estar cadastrado.")
def importar(arquivo: Path, ensaio: bool, a_partir_da_linha: int, mesmo_se_duplicado: bool) -> None:
    """Cadastra os pacientes de um CSV em UTF-8, com os nomes das colunas na primeira linha.

    Cada linha recusada é dita com o número e o porquê, e as outras entram. Interrompido, diz de que linha continuar. O
    código de saída é 1 quando houve recusas.
    """
    feito = _module("cadastros").import_file(
        _settings(),
        arquivo,
        ensaio=ensaio,
        a_partir_da=a_partir_da_linha,
        mesmo_se_duplicado=mesmo_se_duplicado,
    )
    if not feito:
        sys.exit(1)


@pacientes.command(options_metavar="[OPÇÕES]")
@click.argument("arquivo", metavar="ARQUIVO", type=click.Path(path_type=Path))
@click.option("--cpf", prompt="CPF do administrador", metavar="CPF", help="De quem exporta.")
@click.option(
    "--senha",
    prompt="Senha",
    metavar="SENHA",
    hide_input=True,
    envvar="SGHSS_SENHA",
    help="A senha de quem exporta; melhor perguntada, ou em SGHSS_SENHA.",
)
def exportar(arquivo: Path, cpf: str, senha: str) -> None:
    """Escreve o cadastro de todos os pacientes num CSV novo, que importar lê. Fica na auditoria."""
    _module("cadastros").export_file(_settings(), arquivo, cpf, senha)


@app.command(options_metavar="[OPÇÕES]")
@click.argument("cpf", metavar="CPF")
@click.option("--minutos", type=click.IntRange(1, 60), default=10, show_default=True, help="Quanto o token vale.")
def token(cpf: str, minutos: int) -> None:
    """Emite um token em nome de alguém, para scripts. Fica na auditoria."""
    _module("contas").print_token(_settings(), cpf, minutos)


@app.command(options_metavar="")
def doctor() -> None:
    """Examina a instalação e diz como consertar o que falta.

    Configurações, banco de dados, migrações, direitos, relógio e página. O código de saída é 1 quando algo impede de
    servir.
    """
    if not _module("doctor").report():
        sys.exit(1)


@app.command(options_metavar="[OPÇÕES]")
@click.argument("arquivo", metavar="ARQUIVO", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--para", multiple=True, metavar="CHAVE", help="A chave pública de age; senão, SGHSS_BACKUP_RECIPIENTS.")
@click.option("--nova-chave", is_flag=True, help="Em vez de copiar, faz uma chave em ARQUIVO e mostra a parte pública.")
def backup(arquivo: Path, para: tuple[str, ...], nova_chave: bool) -> None:
    """Copia o banco inteiro para ARQUIVO, cifrado, com os servidores no ar.

    A cópia é a de um instante só, e diz quantas linhas tem e onde os prontuários terminam. Só a chave secreta a abre:
    guarde-a longe do banco.
    """
    copia = _module("copia")
    if nova_chave:
        copia.new_key(arquivo)
    else:
        copia.backup(_settings(), arquivo, para)


@app.command(options_metavar="[OPÇÕES]")
@click.argument("arquivo", metavar="ARQUIVO", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--chave",
    required=True,
    metavar="ARQUIVO",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="O arquivo da chave secreta de age.",
)
def restaurar(arquivo: Path, chave: Path) -> None:
    """Põe uma cópia num banco vazio, e confere que tudo está lá.

    O arquivo é lido até o fim antes que algo se escreva: um cortado, mudado ou de outra chave é recusado. As sessões,
    os códigos de acesso e as chaves de pedidos terminam. O código de saída é 1 quando algo não confere.
    """
    if not _module("copia").restore_into(_settings(), arquivo, chave):
        sys.exit(1)


@app.command(name="encerrar-acessos", options_metavar="")
def encerrar_acessos() -> None:
    """Termina todas as sessões, os códigos de acesso e as chaves de pedidos.

    Depois de seguir uma cópia restaurada pelo log binário, ou quando alguém de fora pode ter entrado.
    """
    _module("copia").end_access(_settings())


@app.command(options_metavar="")
@click.argument("arquivo", metavar="[ARQUIVO]", required=False, type=click.Path(dir_okay=False, path_type=Path))
def contingencia(arquivo: Path | None) -> None:
    """Escreve a agenda de hoje e amanhã, guardada nesta máquina, com o banco fora do ar.

    Uma página HTML para imprimir, em ARQUIVO ou na saída. Os servidores a guardam a cada minuto em SGHSS_CONTINGENCY,
    cifrada com o segredo que assina os tokens. Quem foi visto fica na auditoria assim que o banco voltar.
    """
    _module("contingencia").write_page(_settings(), arquivo)


@app.command(options_metavar="")
def verificar() -> None:
    """Confere se cada consulta por vir tem o seu tempo, e se nenhum tempo sobrou.

    De quem atende, de quem é atendido e da sala. O código de saída é 1 quando algo não confere.
    """
    if not _module("banco").check_times(_settings()):
        sys.exit(1)


@app.command(options_metavar="[OPÇÕES]")
@click.argument("arquivo", metavar="ARQUIVO", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--como", type=click.Choice(PAPEIS), help="Quem pede, na demonstração.")
@click.option("--variaveis", metavar="JSON", default="{}", help="As variáveis, num objeto JSON.")
def plan(arquivo: Path, como: str | None, variaveis: str) -> None:
    """Mostra em que uma operação se transforma.

    O código em que é compilada, o SQL que executa e a resposta, na demonstração.
    """
    _module("plan").show(_settings(), arquivo.read_text(encoding="utf-8"), variaveis, como)


@app.command(options_metavar="[OPÇÕES]")
@click.option("--json", "como_json", is_flag=True, help="A resposta de introspecção, que geradores de código leem.")
def schema(como_json: bool) -> None:
    """Mostra o schema GraphQL."""
    made = importlib.import_module("sghss_graphql.schema").create_schema()
    click.echo(made.as_json() if como_json else made.as_str())


@app.command(name="nova-sala", options_metavar="[OPÇÕES]")
@click.argument("nome", metavar="NOME")
@click.option(
    "--grupo",
    type=click.Choice(("clinica", "atendimento", "cadastro")),
    default="cadastro",
    show_default=True,
    help="Em que grupo ela fica.",
)
@click.option("--um", metavar="NOME", help="Como se chama um só; se ausente, o nome da sala sem o s do fim.")
def nova_sala(nome: str, grupo: str, um: str | None) -> None:
    """Escreve uma sala nova, inteira, num clone do repositório.

    Tabela, tipo, lista, mutation e testes, que passam por todas as conferências: o ponto de partida de quem acrescenta
    algo ao hospital. Exemplo: sghss-graphql nova-sala convenios.
    """
    for path in _module("nova_sala").write_room(grupo, nome, um or nome.removesuffix("s")):
        click.echo(path)
    click.echo("Agora: make docs; make check; make test. Depois, faça dela a sala de que você precisa.")


def _settings(**options: str | None) -> Any:
    return _module("palavras").settings(options)
