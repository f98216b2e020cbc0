"""``pacientes importar`` and ``exportar``: a list comes in line by line, whole or with its reason, and goes out."""

import csv
import re
from pathlib import Path

import pytest

from sghss_graphql.demo.pessoas import PESSOAS, SENHA
from tests.hospital import Hospital
from tests.processes import completed, environment

CABECALHO = "nome;cpf;nascimento;nomeDaMae;telefone;sexo;racaCor;cep;municipio;uf"


@pytest.fixture
def env(hospital: Hospital) -> dict[str, str]:
    return environment(SGHSS_DATABASE_URL=str(hospital.server.app_url))


def _lista(hospital: Hospital) -> tuple[list[str], list[str]]:
    """Give lines of a list, and the CPFs of those that are right."""
    certos = [hospital.cpf() for _ in range(3)]
    linhas = [
        f"Zulmira {certos[0]} Silva;{certos[0]};12/03/1941;Jandira Sá;(68) 99234-1111;FEMININO;PARDA;69900-000;Rio;AC",
        f"Zulmira Segunda;{certos[0]};1950-01-01;;;;;;;",
        "Sem Letras Certas;123;31/02/1980;;912345678;OUTRO;;1;;XX",
        "",
        f"Zulmiro {certos[1]};{certos[1]};1960-07-09;;;MASCULINO;;;;",
        f"   ;{hospital.cpf()};1980-01-01;;;;;;;",
        f"Recém-nascida de Zulmira {certos[2]};;2026-10-01;Zulmira {certos[2]};;FEMININO;;;;",
    ]
    return linhas, certos


async def _importar(env: dict[str, str], arquivo: Path, *opcoes: str) -> tuple[int, str]:
    return await completed("pacientes", "importar", str(arquivo), *opcoes, env=env)


async def _exportar(env: dict[str, str], arquivo: Path, cpf: str) -> tuple[int, str]:
    return await completed("pacientes", "exportar", str(arquivo), "--cpf", cpf, env=env)


async def test_each_line_comes_in_whole_or_with_its_reason(
    hospital: Hospital, env: dict[str, str], tmp_path: Path
) -> None:
    linhas, certos = _lista(hospital)
    arquivo = tmp_path / "pacientes.csv"
    arquivo.write_text("\n".join([CABECALHO, *linhas]), encoding="utf-8-sig")
    code, text = await _importar(env, arquivo, "--ensaio")
    assert code == 1
    assert "seriam cadastrados" in text
    contar = "SELECT COUNT(*) FROM pessoa WHERE cpf IN %(cpfs)s"
    assert await hospital.dono.select(contar, cpfs=certos) == [(0,)], "a rehearsal writes nothing"
    code, text = await _importar(env, arquivo)
    assert code == 1
    assert "linha 3: cpf: Já existe cadastro com este CPF" in text
    recusada = next(linha for linha in text.splitlines() if linha.startswith("linha 4:"))
    for campo in ("cpf:", "nascimento:", "telefone:", "sexo:", "uf:"):
        assert campo in recusada, "all that is wrong is told at once"
    assert "linha 7: nome:" in text
    assert "3 cadastrados, 3 recusados, até a linha 8." in text
    assert await hospital.dono.select(contar, cpfs=certos) == [(2,)]
    achada = await hospital.recepcao(
        "query($b: String) { pacientes(busca: $b) { edges { node { nomeDaMae telefone endereco { cep uf } } } } }",
        b=certos[0],
    )
    assert achada.data["pacientes"]["edges"][0]["node"] == {
        "nomeDaMae": "Jandira Sá", "telefone": "+5568992341111", "endereco": {"cep": "69900000", "uf": "AC"},
    }  # fmt: skip
    assert await hospital.codigo(certos[0]), "who has a CPF can be given a code"
    code, text = await _importar(env, arquivo)
    assert (code, "0 cadastrados, 6 recusados" in text) == (1, True), "again, nothing is doubled"
    assert re.search(r"^linha 8: .*mesmo nome, mãe ou telefone: \d+-\d\.$", text, re.MULTILINE), "and whom it may be"
    code, text = await _importar(env, arquivo, "--a-partir-da-linha", "9")
    assert (code, "0 cadastrados, 0 recusados" in text) == (0, True)


async def test_nothing_of_a_line_is_lost_or_read_as_of_another(
    hospital: Hospital, env: dict[str, str], tmp_path: Path
) -> None:
    arquivo, cpf, sinal = tmp_path / "pacientes.csv", hospital.cpf(), hospital.nome()
    for aberta in ("x", "x" * 200_000):
        arquivo.write_text(
            f'nome,telefone\n{sinal} Zé,\n"{sinal} Ana,11912345678\n{aberta},11912345679\n', encoding="utf-8"
        )
        code, text = await _importar(env, arquivo, "--ensaio")
        assert (code, "Depois da linha 2" in text, "--a-partir-da-linha 3" in text) == (1, True, True), text
    arquivo.write_text(f"nome,nascimento,cpf,obito_em\nSouza,1950-01-01,,,Eva\n{sinal},1950-01-01,{cpf},2020-02-03\n")
    code, text = await _importar(env, arquivo)
    assert (code, "linha 2: linha: Há mais valores" in text, "1 cadastrados, 1 recusados" in text) == (1, True, True)
    morreu = "SELECT obito_em FROM pessoa WHERE cpf = %(cpf)s"
    assert str((await hospital.dono.select(morreu, cpf=cpf))[0][0]) == "2020-02-03"
    arquivo.write_text("nome,nome\nAna,Bia\n")
    code, text = await _importar(env, arquivo)
    assert ("há duas vezes nome" in text, "Interrompido" in text) == (True, False), "nothing was done: there is no more"
    muitas = "".join(f"{sinal} {'a' * n}\n" for n in range(1, 1_200))
    arquivo.write_bytes(f"nome\n{muitas}".encode() + "João\n".encode("latin-1"))
    code, text = await _importar(env, arquivo, "--ensaio", "--a-partir-da-linha", "400")
    assert (code, "UTF-8" in text, "Interrompido" in text) == (1, True, True), text
    assert "--a-partir-da-linha 1 " not in text


async def test_a_spreadsheet_comes_in_as_people_keep_it(
    hospital: Hospital, env: dict[str, str], tmp_path: Path
) -> None:
    arquivo, cpf, sinal = tmp_path / "planilha.csv", hospital.cpf(), hospital.nome()
    arquivo.write_text(
        "NOME;CPF;Data de nascimento;NOME DA MÃE;E-mail;Raça/Cor;UF;;\n"
        f"{sinal} Ayla;{cpf};7/4/1990;Iara;a@exemplo.com.br;Indígena;am;;\n"
        f"{sinal} Bia;;19900102;;;;;;\n{sinal} Caê;;1990-W05-1;;;Não informada;;;\n{sinal} Davi;;1/2/90;;;;;;\n",
        encoding="utf-8",
    )
    code, text = await _importar(env, arquivo)
    assert (code, "1 cadastrados, 3 recusados" in text, text.count("nascimento: Data inválida")) == (1, True, 3), text
    lida = "SELECT nascimento, nome_da_mae, email, raca_cor FROM pessoa WHERE cpf = %(cpf)s"
    ((nascimento, *resto),) = await hospital.dono.select(lida, cpf=cpf)
    assert (str(nascimento), *resto) == ("1990-04-07", "Iara", "a@exemplo.com.br", "INDIGENA")
    arquivo.write_text(
        'nome;nomeDaMae;nascimento\n"Uum;Ana;01/01/1980\nUdois;Bia;02/02/1981\nUtres";Cida;03/03/1982\nUseis,52998224725;;\n'
    )
    code, text = await _importar(env, arquivo)
    assert (code, "0 cadastrados, 2 recusados" in text) == (1, True), text
    assert "confira as aspas" in text
    assert "confira o separador" in text
    outro = hospital.cpf()
    arquivo.write_text(f"Nome,CPF,Logradouro,Número,CEP\n{sinal} Gil,{outro},Rua das Flores,1234,69900-000\n", "utf-8")
    code, text = await _importar(env, arquivo)
    lida = "SELECT a.numero FROM endereco a JOIN pessoa e ON e.id = a.pessoa_id WHERE e.cpf = %(cpf)s"
    assert (code, await hospital.dono.select(lida, cpf=outro)) == (0, [("1234",)]), text
    arquivo.write_text(f'nome\n{sinal} Zé\n"{"x" * 140_000}"\n')
    code, text = await _importar(env, arquivo, "--ensaio")
    assert (code, "Depois da linha 2 um valor passa de 131072 caracteres" in text) == (1, True), text


@pytest.mark.parametrize(
    ("conteudo", "dica"),
    [
        (b"cpf;nascimento\n1;2\n", "falta a coluna nome"),
        (b"nome;idade\nAna;3\n", "idade"),
        ("nome\nJosé\n".encode("cp1252"), "UTF-8"),
        (b"", "falta a coluna nome"),
    ],
)
async def test_a_file_that_is_no_list_says_what_to_do(
    env: dict[str, str], tmp_path: Path, conteudo: bytes, dica: str
) -> None:
    arquivo = tmp_path / "lista.csv"
    arquivo.write_bytes(conteudo)
    code, text = await _importar(env, arquivo)
    assert (code, dica in text, "Traceback" in text) == (1, True, False)


async def test_an_administrador_takes_all_out_and_the_trail_has_it(
    hospital: Hospital, env: dict[str, str], tmp_path: Path
) -> None:
    admin, recepcao = PESSOAS[3].cpf, PESSOAS[2].cpf
    arquivo = tmp_path / "saida.csv"
    for cpf, senha in ((recepcao, SENHA), (admin, "errada-errada-9")):
        code, text = await _exportar({**env, "SGHSS_SENHA": senha}, arquivo, cpf)
        assert (code, "não conferem" in text) == (1, True)
        assert not arquivo.exists()
    await hospital.paciente(nome="=SOMA(A1) Fórmula")
    code, text = await _exportar({**env, "SGHSS_SENHA": SENHA}, arquivo, admin)
    assert code == 0, text
    assert arquivo.stat().st_mode & 0o077 == 0, "nobody else of the machine reads it"
    with arquivo.open(encoding="utf-8-sig", newline="") as texto:
        linhas = list(csv.DictReader(texto))
    ((quantos,),) = await hospital.dono.select("SELECT COUNT(*) FROM paciente")
    assert len(linhas) == quantos > 2_000
    assert next(um for um in linhas if um["cpf"] == PESSOAS[0].cpf)["nome"] == PESSOAS[0].nome
    code, text = await _exportar({**env, "SGHSS_SENHA": SENHA}, tmp_path / "nao" / "ha.csv", admin)
    assert (code, "confira a pasta" in text) == (1, True), text
    assert any(um["nome"] == " =SOMA(A1) Fórmula" for um in linhas), "no spreadsheet runs it"
    ((campo,),) = await hospital.dono.select("SELECT campo FROM auditoria WHERE ato = 'EXPORTAR_PACIENTES'")
    assert campo == "pacientes"
    assert (await _exportar({**env, "SGHSS_SENHA": SENHA}, arquivo, admin))[0] == 1, "no file is overwritten"
