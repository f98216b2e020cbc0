"""Join two registrations of one person, and take them apart again: nothing of either is rewritten."""

from collections.abc import Iterable
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.cadastro.cuidados import porta as cuidados
from sghss_graphql.cadastro.pacientes import porta as pacientes
from sghss_graphql.cadastro.pacientes.regras import Leituras
from sghss_graphql.cadastro.pacientes.types import Paciente, PacientePayload
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.unificacoes import porta, store
from sghss_graphql.cadastro.unificacoes.regras import PRAZO_DE_DESFAZER, Atos, vidas
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import UnificarPacientes
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Conflict, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.tempo import agora


@strawberry.input(description="Dois cadastros da mesma pessoa.")
class UnificarPacientesInput:
    """Of unificarPacientes."""

    de_id: ID = strawberry.field(
        description="Id do cadastro que deixa de ser usado; o seu login, se há, deixa de valer."
    )
    para_id: ID = strawberry.field(description="Id do cadastro em que a vida da pessoa continua.")
    justificativa: str = strawberry.field(
        description="Por que se sabe que são a mesma pessoa: de 10 a 1.000 caracteres."
    )


@strawberry.type
class UnificacoesMutation:
    """The part of Mutation that joins registrations."""

    @mutation(
        "Junta dois cadastros da mesma pessoa numa vida só: consultas, registros e auditoria ficam como foram escritos,"
        " e se acham por qualquer dos dois. Desfaz-se em até 30 dias (desfazerUnificacao)."
    )
    async def unificar_pacientes(
        self, info: Info, input: Annotated[UnificarPacientesInput, argument(description="Quais, e por quê.")]
    ) -> PacientePayload:
        """Join two registrations."""
        contexto = info.context
        quem = contexto.exigir(UnificarPacientes).quem
        porque = regras.justificativa(input.justificativa, "input", "justificativa")
        chaves = [ids.chave(Paciente.prefixo, id) or b"" for id in (input.de_id, input.para_id)]
        if chaves[0] == chaves[1]:
            raise valor_invalido("São o mesmo cadastro: informe dois.", "input", "paraId")

        async def work(tx: Transaction) -> tuple[bytes, ...]:
            await contexto.servicos.sessoes.exigir_ainda(tx, quem, UnificarPacientes)
            de, para = [
                await _um(contexto, tx, quem, chave, "input", campo)
                for chave, campo in zip(chaves, ("deId", "paraId"), strict=True)
            ]
            membros = {*await porta.vida(tx, None, de.chave), *await porta.vida(tx, None, para.chave)}
            _exigir_que_seja_de_outro(quem, membros, "input", "deId")
            if de.unificado is not None:
                raise valor_invalido("Este cadastro já foi unificado com outro.", "input", "deId")
            if para.unificado is not None:
                raise valor_invalido(
                    "Este cadastro deixou de ser usado: informe aquele em que ele continua.", "input", "paraId"
                )
            pessoas.mudou(tx, de.pessoa)
            await usuarios.fechar_unificada(tx, contexto.servicos, de.pessoa)
            if not await store.ligar(tx, de.chave, para.chave):
                raise Conflict
            store.inserir(tx, ids.nova_chave(), de.chave, para.chave, quem.usuario, porque, agora())
            await _reunir(tx, contexto, quem, membros)
            contexto.registrar(tx, Atos.UNIFICAR_PACIENTES, paciente=para.chave, alvo=de.chave, resultado=para.chave)
            return tuple(sorted(membros))

        juntos = await contexto.db.transaction(work)
        return PacientePayload(paciente=await pacientes.um(contexto.db, quem, chaves[1]), vida=juntos)

    @mutation(
        "Separa um cadastro daquele com que foi unificado, em até 30 dias: tudo volta a ser como era, e o que veio"
        " depois fica com aquele para quem foi escrito. O login que ele tinha volta com um código da recepção."
    )
    async def desfazer_unificacao(
        self,
        info: Info,
        paciente_id: Annotated[ID, argument(description="Id do cadastro que tinha deixado de ser usado.")],
        justificativa: Annotated[str, argument(description="Por que são duas pessoas: de 10 a 1.000 caracteres.")],
    ) -> PacientePayload:
        """Take two registrations apart."""
        contexto = info.context
        quem = contexto.exigir(UnificarPacientes).quem
        porque = regras.justificativa(justificativa, "justificativa")
        chave = ids.chave(Paciente.prefixo, paciente_id) or b""

        async def work(tx: Transaction) -> None:
            await contexto.servicos.sessoes.exigir_ainda(tx, quem, UnificarPacientes)
            de = await _um(contexto, tx, quem, chave, "pacienteId")
            unificacao = await store.em_vigor(tx, de.chave)
            _exigir_que_seja_de_outro(quem, await porta.vida(tx, None, de.chave), "pacienteId")
            if de.unificado is None or unificacao is None:
                raise valor_invalido("Este cadastro não foi unificado com outro.", "pacienteId")
            feita, em = unificacao
            if agora() > em + PRAZO_DE_DESFAZER:
                raise valor_invalido(f"Passaram-se mais de {PRAZO_DE_DESFAZER.days} dias.", "pacienteId")
            if not await store.ligar(tx, de.chave, None):
                raise Conflict
            pessoas.mudou(tx, de.pessoa)
            store.desfazer(tx, feita, quem.usuario, porque, agora())
            await usuarios.reabrir_unificada(tx, de.pessoa)
            await _reunir(tx, contexto, quem, set(await porta.vida(tx, None, de.chave)))
            contexto.registrar(tx, Atos.DESFAZER_UNIFICACAO, paciente=de.unificado, alvo=de.chave)

        await contexto.db.transaction(work)
        return PacientePayload(paciente=await pacientes.um(contexto.db, quem, chave))


def _exigir_que_seja_de_outro(quem: Quem, membros: Iterable[bytes], *campo: str) -> None:
    """Whoever joined somebody to themself would read their records as their own."""
    if not set(quem.seus).isdisjoint(membros):
        raise valor_invalido("Um dos cadastros é seu: quem o junta ou separa é outro administrador.", *campo)


async def _um(contexto: Contexto, tx: Transaction, quem: Quem, chave: bytes, *campo: str) -> Paciente:
    """Give a paciente, held until the transaction ends: whoever books or writes for them waits."""
    await cuidados.segurar_paciente(tx, chave)
    achado = await pacientes.um(tx, quem, chave)
    if achado is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há paciente com este id.", *campo)
    contexto.achou(Leituras.LER_CADASTRO, achado.chave)
    return achado


async def _reunir(tx: Transaction, contexto: Contexto, quem: Quem, membros: set[bytes]) -> None:
    """Write who is one person now, of some pacientes, and that whoever has one registration in care has all of it."""
    achadas = vidas(membros, await store.ligacoes(tx, membros))
    store.reunir(tx, membros, achadas)
    store.marcar_juntos(tx, membros, frozenset().union(*(vida for vida in achadas if len(vida) > 1)))
    for vida in achadas if len(achadas) > 1 else ():
        for consulta, pessoa in await store.horas_dos_outros(tx, sorted(vida), sorted(membros - vida), agora()):
            store.soltar_horas(tx, consulta, pessoa)
    cuidados.espelhar(tx, membros)
    for vida in achadas:
        await cuidados.acertar_partilhas(tx, min(vida), quem)
    for membro in membros:
        contexto.servicos.sessoes.reconsiderar(membro)
