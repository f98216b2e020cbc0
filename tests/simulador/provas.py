"""What must hold between two rounds, when nobody asks: read from the rows, and from what everybody was told."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from time import monotonic as relogio_real
from zoneinfo import ZoneInfo

from sghss_graphql.atendimento.consultas.regras import Atos
from sghss_graphql.clinica.prontuarios.regras import SEM_ANTERIOR, Registro, calcular_hash
from sghss_graphql.vocabulario.tempo import agora
from tests.atendimento.consultas.test_encaixes_e_reservas import LIVRES
from tests.atendimento.invariantes import faltas
from tests.cadastro.cuidados.test_cuidados import SLOW
from tests.hospital import ADICIONAR, AGENDAR, CANCELAR, CONCLUIR, CONFIRMAR, FALTAR, INICIAR, chave
from tests.simulador.livro import Achado, Conta
from tests.simulador.mundo import ABRE, FECHA, LIMITE, Mundo

Prova = Callable[[Mundo], Awaitable[None]]
_TORTO = timedelta(seconds=3)
"""By how much a clock may be off."""
_EM_TODA_PARTE = 2
"""Seconds until every process knows of a session that ended."""
_ATOS = tuple(ato.name for ato in Atos if ato is not Atos.ATUALIZAR_CONSULTA)
"""What of consultas is on the trail: nobody in the simulation corrects the reason of one."""
_ACOES = {
    "CONFIRMAR": CONFIRMAR, "CANCELAR": CANCELAR, "INICIAR": INICIAR, "CONCLUIR": CONCLUIR, "REGISTRAR_FALTA": FALTAR
}  # fmt: skip


def exigir(condicao: bool, texto: str) -> None:
    """Check that something holds.

    Raises:
        Achado: it doesn't.
    """
    if not condicao:
        raise Achado(texto)


async def o_que_sempre_vale(mundo: Mundo) -> None:
    """No two at one time, no half series, no hold without its time, and what else bookings always are."""
    achadas = await faltas(mundo.dono, [conta.id for conta in mundo.profissionais])
    exigir(not achadas, f"nas linhas: {sorted(achadas)}")


async def cada_resposta_e_verdade(mundo: Mundo) -> None:
    """What was answered as done is done, once; and nothing is that nobody was told."""
    passos = dict(await mundo.dono.select("SELECT usuario_id, COUNT(*) FROM consulta_mudanca GROUP BY usuario_id"))
    trilha: defaultdict[bytes, dict[str, int]] = defaultdict(dict)
    for usuario, ato, quantos in await mundo.dono.select(
        "SELECT usuario_id, ato, COUNT(*) FROM auditoria WHERE ato IN %(atos)s GROUP BY usuario_id, ato", atos=_ATOS
    ):
        trilha[usuario][ato] = quantos
    registros = dict(
        await mundo.dono.select("SELECT profissional_id, COUNT(*) FROM prontuario GROUP BY profissional_id")
    )
    for conta in mundo.todos:
        ha, na_trilha, ditas = passos.get(chave(conta.usuario), 0), trilha[chave(conta.usuario)], conta.feitos.total()
        como = f"ditas {dict(conta.feitos)}, sem resposta até {conta.incertos}, na trilha {na_trilha}"
        exigir(ditas <= ha <= ditas + conta.incertos, f"{conta.usuario} fez {ha} mudanças: {como}")
        exigir(sum(na_trilha.values()) == ha, f"a trilha de {conta.usuario} não diz as {ha} que fez: {como}")
    for conta in mundo.profissionais:
        ha = registros.get(chave(conta.id), 0)
        exigir(
            conta.registros <= ha <= conta.registros + conta.registros_incertos,
            f"{conta.id} escreveu {ha} registros, ditos {conta.registros}",
        )


async def cada_passo_e_da_sua_hora(mundo: Mundo) -> None:
    """The history of each consulta is one that the clock and the states allow, by a table of its own."""
    linhas = await mundo.dono.select(
        "SELECT m.consulta_id, m.situacao, m.inicio, m.criado_em, u.fuso FROM consulta_mudanca m"
        " JOIN consulta c ON c.id = m.consulta_id JOIN unidade u ON u.id = c.unidade_id"
        " ORDER BY m.consulta_id, m.numero"
    )
    antes: dict[bytes, tuple[str, datetime, datetime]] = {}
    for consulta, situacao, inicio, quando, fuso in linhas:
        if consulta in antes:
            de, marcada, desde = antes[consulta]
            certo = _permitido(de, situacao, marcada, desde, quando, ZoneInfo(fuso))
            exigir(certo, f"con_{consulta.hex()}, das {marcada}: de {de} ({desde}) a {situacao} às {quando}")
        else:
            exigir(situacao == "AGENDADA" and inicio > quando - _TORTO, f"con_{consulta.hex()} começa {situacao}")
        antes[consulta] = situacao, inicio, quando
    for id, ditas in mundo.livro.consultas.items():
        exigir(chave(id) in antes, f"{id} foi dita feita ({sorted(ditas)}) e não há")


def _permitido(de: str, para: str, marcada: datetime, desde: datetime, quando: datetime, fuso: ZoneInfo) -> bool:
    """Tell whether a step may be taken: a consulta that begins at ``marcada``, in a state since ``desde``, then."""
    antes_do_inicio, depois = quando < marcada + _TORTO, quando > marcada - _TORTO

    def dia(instante: datetime) -> object:
        return instante.replace(tzinfo=UTC).astimezone(fuso).date()

    de_hoje = any(dia(quando + torto) >= dia(marcada) for torto in (-_TORTO, _TORTO))
    no_mesmo_dia = dia(quando + _TORTO) == dia(desde) or dia(quando - _TORTO) == dia(desde)
    por_vir = {
        "AGENDADA": antes_do_inicio,
        "CONFIRMADA": antes_do_inicio,
        "CANCELADA": antes_do_inicio,
        "FALTOU": depois,
        "EM_ATENDIMENTO": de_hoje and quando < marcada + timedelta(hours=12) + _TORTO,
    }
    permitidos: dict[str, dict[str, bool]] = {
        "AGENDADA": por_vir,
        "CONFIRMADA": {**por_vir, "CONFIRMADA": False},
        "EM_ATENDIMENTO": {"REALIZADA": True, "CONFIRMADA": no_mesmo_dia},
        "FALTOU": {"CONFIRMADA": no_mesmo_dia},
        "REALIZADA": {"EM_ATENDIMENTO": no_mesmo_dia},
    }
    return permitidos.get(de, {}).get(para, False)


async def ninguem_passa_do_limite(mundo: Mundo) -> None:
    """Whoever books alone has no more to come than they may, nor holds more than they may at once."""
    linhas = await mundo.dono.select(
        "SELECT p.id, COUNT(*) FROM consulta c JOIN consulta_mudanca m ON m.consulta_id = c.id AND m.numero = 1"
        " JOIN usuario u ON u.id = m.usuario_id JOIN paciente p ON p.id = c.paciente_id AND p.pessoa_id = u.pessoa_id"
        " WHERE c.situacao IN ('AGENDADA', 'CONFIRMADA', 'EM_ATENDIMENTO') AND c.fim > %(agora)s GROUP BY p.id",
        agora=agora(),
    )
    por_si = {f"pac_{paciente.hex()}": quantas for paciente, quantas in linhas}
    juntados = {um for par in mundo.unir for um in par}
    for conta in mundo.pacientes:
        if conta.id not in juntados:
            exigir(por_si.get(conta.id, 0) <= LIMITE, f"{conta.id} marcou sozinho {por_si.get(conta.id)} por vir")
    for conta in mundo.estranhos:
        exigir(por_si.get(conta.id, 0) <= 1, f"{conta.id}, que ninguém verificou, marcou {por_si.get(conta.id)}")
    da_equipe = {chave(conta.usuario) for conta in mundo.profissionais + mundo.recepcao + mundo.administradores}
    reservas = await mundo.dono.select(
        "SELECT usuario_id, COUNT(*) FROM reserva WHERE expira_em > %(agora)s GROUP BY usuario_id", agora=agora()
    )
    for usuario, quantas in reservas:
        exigir(quantas <= (5 if usuario in da_equipe else 1), f"usr_{usuario.hex()} tem {quantas} reservas")


async def os_elos_fecham(mundo: Mundo) -> None:
    """The chain of each paciente's records is whole."""
    linhas = await mundo.dono.select(
        "SELECT id, paciente_id, numero, profissional_id, registro_do_autor, consulta_id, tipo, texto, cid10,"
        " retifica_id, justificativa, criado_em, hash_anterior, forma, hash FROM prontuario"
        " ORDER BY paciente_id, numero"
    )
    elos: dict[bytes, tuple[int, bytes]] = defaultdict(lambda: (0, SEM_ANTERIOR))
    for *campos, resumo in linhas:
        registro = Registro(*campos[:8], tuple(campos[8].split()), *campos[9:])
        numero, anterior = elos[registro.paciente]
        inteiro = registro.numero == numero + 1 and registro.hash_anterior == anterior
        exigir(inteiro and calcular_hash(registro) == resumo, f"o registro {numero + 1} de um paciente perdeu o elo")
        elos[registro.paciente] = registro.numero, resumo


async def quem_viu_esta_na_trilha(mundo: Mundo) -> None:
    """Whoever was shown somebody's registration is on the trail with it."""
    vistos = {
        (usuario, alvo)
        for usuario, alvo in await mundo.dono.select(
            "SELECT DISTINCT a.usuario_id, v.alvo_id FROM auditoria_visto v JOIN auditoria a ON a.id = v.entrada_id"
        )
    }
    for conta in mundo.recepcao:
        for paciente in conta.vistos:
            na_trilha = (chave(conta.usuario), chave(paciente)) in vistos
            exigir(na_trilha, f"{conta.usuario} viu {paciente} sem deixar rasto")


async def quem_foi_desativado_nao_entra(mundo: Mundo) -> None:
    """After two seconds the token of whoever is deactivated opens nothing anywhere; and an administrador is left."""
    for conta in mundo.recepcao + mundo.administradores:
        if conta.ativa is False and conta.token and relogio_real() - conta.parada > _EM_TODA_PARTE:
            for servidor in mundo.servidores:
                corpo = await mundo.livro.em(servidor, conta.token, "{ eu { id } }")
                codigos = [erro["extensions"]["code"] for erro in corpo.get("errors", ())]
                exigir(codigos == ["NAO_AUTENTICADO"], f"{conta.usuario}, desativado, pediu e ouviu {corpo}")
    ((ativos,),) = await mundo.dono.select(
        "SELECT COUNT(*) FROM usuario u JOIN usuario_papel r ON r.usuario_id = u.id"
        " WHERE r.papel = 'ADMINISTRADOR' AND u.ativo"
    )
    exigir(ativos > 0, "não há mais administrador")


async def o_livre_esta_livre(mundo: Mundo) -> None:
    """A day's free times are those that a slow look at the rows finds; and one of them can be booked."""
    quem = _da_recepcao(mundo)
    if quem is None:
        return
    profissional = mundo.acaso.choice(mundo.profissionais).id
    fuso = ZoneInfo(mundo.fuso[profissional])
    dia = agora().replace(tzinfo=UTC).astimezone(fuso).date() + timedelta(days=mundo.acaso.choice((0, 1)))
    corpo = await mundo.livro.ler(quem, LIVRES, p=profissional, d=dia.isoformat())
    exigir("errors" not in corpo, f"horariosDisponiveis: {corpo}")
    vistos = {datetime.fromisoformat(vaga["inicio"]) for vaga in corpo["data"]["profissional"]["horariosDisponiveis"]}
    tomados, talvez = await _tomados(mundo, profissional), await _tomados(mundo, profissional, _TORTO)
    agora_la = agora().replace(tzinfo=UTC)
    abre = datetime.combine(dia, time(ABRE), fuso).astimezone(UTC)
    for numero in range((FECHA - ABRE) * 2):
        inicio = abre + numero * timedelta(minutes=30)
        if abs(inicio - agora_la) < timedelta(seconds=30) or _toca(inicio, talvez) is not _toca(inicio, tomados):
            continue
        livre = inicio > agora_la and not _toca(inicio, tomados)
        exigir((inicio in vistos) is livre, f"{profissional} às {inicio}: livre é {livre}, mas mostrado {not livre}")
    if vistos:
        hora = {"profissionalId": profissional, "inicio": mundo.acaso.choice(sorted(vistos)).isoformat()}
        paciente = mundo.acaso.choice(mundo.pacientes[4:]).id
        feita = await mundo.livro.mudar(quem, AGENDAR, input={**hora, "pacienteId": paciente})
        recusas = [erro["codigo"] for erro in feita["erros"]] if feita else []
        exigir(
            recusas == [] or (recusas == ["HORARIO_INDISPONIVEL"] and await _ocupado(mundo, paciente, hora["inicio"])),
            f"um horário livre foi recusado: {recusas} {hora}",
        )


async def _tomados(mundo: Mundo, profissional: str, torto: timedelta = -_TORTO) -> list[tuple[datetime, datetime]]:
    """Give when a profissional is taken, by a clock that is off by so much: of holds it matters."""
    linhas = await mundo.dono.select(_TOMADOS, p=chave(profissional), agora=agora() + torto)
    return [(inicio.replace(tzinfo=UTC), fim.replace(tzinfo=UTC)) for inicio, fim in linhas]


def _toca(inicio: datetime, tomados: list[tuple[datetime, datetime]]) -> bool:
    return any(de < inicio + timedelta(minutes=30) and inicio < ate for de, ate in tomados)


_TOMADOS = (
    "SELECT inicio, fim + INTERVAL intervalo MINUTE FROM consulta WHERE profissional_id = %(p)s"
    " AND situacao <> 'CANCELADA' UNION ALL SELECT inicio, fim + INTERVAL intervalo MINUTE FROM reserva"
    " WHERE profissional_id = %(p)s AND expira_em > %(agora)s"
    " UNION ALL SELECT inicio, fim FROM bloqueio WHERE profissional_id = %(p)s"
)


async def _ocupado(mundo: Mundo, paciente: str, inicio: str) -> bool:
    """Tell whether a paciente is somewhere else then."""
    de = datetime.fromisoformat(inicio).astimezone(UTC).replace(tzinfo=None)
    ((quantas,),) = await mundo.dono.select(
        "SELECT COUNT(*) FROM consulta WHERE paciente_id = %(p)s AND situacao <> 'CANCELADA'"
        " AND inicio < %(ate)s AND fim > %(de)s",
        p=chave(paciente),
        de=de,
        ate=de + timedelta(minutes=30),
    )
    return bool(quantas)


async def os_botoes_dizem_a_verdade(mundo: Mundo) -> None:
    """What ``acoes`` offers can be done, and what it doesn't offer can't."""
    linhas = await mundo.dono.select(
        "SELECT id, paciente_id, profissional_id FROM consulta WHERE inicio BETWEEN %(de)s AND %(ate)s",
        de=agora() - timedelta(hours=20),
        ate=agora() + timedelta(hours=20),
    )
    if not linhas:
        return
    por_id = {conta.id: conta for conta in mundo.pacientes + mundo.profissionais}
    for consulta, paciente, profissional in mundo.acaso.sample(sorted(linhas), min(4, len(linhas))):
        id = f"con_{consulta.hex()}"
        possiveis = [por_id.get(f"pac_{paciente.hex()}"), por_id[f"prf_{profissional.hex()}"], _da_recepcao(mundo)]
        quem = mundo.acaso.choice([um for um in possiveis if um is not None])
        corpo = await mundo.livro.ler(quem, "query($id: ID!) { consulta(id: $id) { acoes } }", id=id)
        if "errors" in corpo or corpo["data"]["consulta"] is None:
            continue
        nome = mundo.acaso.choice(list(_ACOES))
        oferece = nome in corpo["data"]["consulta"]["acoes"]
        dados = {"input": {"consultaId": id, "motivo": "x"}} if nome == "CANCELAR" else {"id": id}
        feita = await mundo.livro.mudar(quem, _ACOES[nome], **dados)
        exigir((feita is not None and not feita["erros"]) is oferece, f"{id}: {nome} oferecida é {oferece}; {feita}")


async def o_cuidado_e_o_que_a_historia_diz(mundo: Mundo) -> None:
    """Who may write about whom is what the slow definition finds in the whole history."""
    recentes = await mundo.dono.select(
        "SELECT profissional_id, paciente_id FROM (SELECT c.profissional_id, c.paciente_id, MAX(m.criado_em) AS quando"
        " FROM consulta c JOIN consulta_mudanca m ON m.consulta_id = c.id GROUP BY c.profissional_id, c.paciente_id) t"
        " ORDER BY quando DESC LIMIT 40"
    )
    por_id = {chave(conta.id): conta for conta in mundo.profissionais}
    certos = {chave(conta.id) for conta in mundo.pacientes[4:]}  # neither joined nor unverified
    pares = [(por_id[quem], paciente) for quem, paciente in recentes if paciente in certos]
    for quem, paciente in mundo.acaso.sample(pares, min(4, len(pares))):
        sql = SLOW.replace("UTC_TIMESTAMP(6)", "%(agora)s")
        ((devagar,),) = await mundo.dono.select(sql, m=chave(quem.id), p=paciente, agora=agora())
        entrada = {"pacienteId": f"pac_{paciente.hex()}", "tipo": "EVOLUCAO", "texto": "x"}
        feita = await mundo.livro.mudar(quem, ADICIONAR, input=entrada)
        pode = feita is not None and not feita["erros"]
        de_quem = entrada["pacienteId"]
        exigir(pode is bool(devagar), f"{quem.id} escreve sobre {de_quem}: {pode}; pela história, {devagar}")


def _da_recepcao(mundo: Mundo) -> Conta | None:
    ativas = [conta for conta in mundo.recepcao if conta.ativa]
    return mundo.acaso.choice(ativas) if ativas else None


PROVAS: tuple[Prova, ...] = (
    o_que_sempre_vale,
    cada_resposta_e_verdade,
    cada_passo_e_da_sua_hora,
    ninguem_passa_do_limite,
    os_elos_fecham,
    quem_viu_esta_na_trilha,
    quem_foi_desativado_nao_entra,
    o_livre_esta_livre,
    os_botoes_dizem_a_verdade,
    o_cuidado_e_o_que_a_historia_diz,
)
"""Those that only look come before those that also do something."""
