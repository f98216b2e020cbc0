"""The hashes of today's records, written down: whatever changes elsewhere, a chain that was whole stays whole."""

from dataclasses import replace
from datetime import UTC, datetime

from sghss_graphql.clinica.prontuarios.regras import Registro, calcular_hash, forma_canonica, registro_do_autor

UM = Registro(
    chave=bytes(range(16)), paciente=bytes(range(16, 32)), numero=1, profissional=bytes(range(32, 48)),
    registro="52310/SP", consulta=None, tipo="EVOLUCAO", texto='Evolui bem: "37,8 °C"\n\t\\', cid10=("J45.0",),
    retifica=None, forma=1, justificativa=None,
    criado_em=datetime(2026, 11, 23, 17, 0, 0, 123456, tzinfo=UTC).replace(tzinfo=None),
    hash_anterior=bytes(32),
)  # fmt: skip
OUTRO = replace(
    UM, numero=2, consulta=bytes(16), cid10=(), retifica=UM.chave, justificativa="Faltou algo.",
    criado_em=UM.criado_em.replace(microsecond=0), hash_anterior=calcular_hash(UM),
)  # fmt: skip


def test_the_canonical_form_is_the_bytes_that_it_was() -> None:
    assert forma_canonica(UM).decode() == (
        '["sghss-prontuario-1","pro_000102030405060708090a0b0c0d0e0f","pac_101112131415161718191a1b1c1d1e1f",1,'
        '"med_202122232425262728292a2b2c2d2e2f","52310/SP",null,"EVOLUCAO","Evolui bem: \\"37,8 °C\\"\\n\\t\\\\",'
        f'["J45.0"],null,null,"2026-11-23T17:00:00.123456Z","{"0" * 64}"]'
    )


def test_the_hashes_are_those_that_they_were() -> None:
    assert calcular_hash(UM).hex() == "fa062f264bb803f655ad3aaea6c2d9eea901e2b3d8ad40f7fcc1a47f18ffff89"
    assert calcular_hash(OUTRO).hex() == "4d40f689b136aba3515a84a8e4b496cecde234c515a02f24bc6ffa7c2631d142"


def test_the_second_form_differs_in_its_name_and_in_the_author() -> None:
    novo = replace(UM, forma=2, registro="CRM 52310/SP")
    assert forma_canonica(novo) == (
        forma_canonica(UM)
        .replace(b"sghss-prontuario-1", b"sghss-prontuario-2")
        .replace(b'"med_', b'"prf_')
        .replace(b'"52310/SP"', b'"CRM 52310/SP"')
    )
    assert [registro_do_autor(kept) for kept in ("52310/SP", "CRM 52310/SP")] == ["CRM 52310/SP"] * 2
