"""What the room of contingência brings: the sheet of today and tomorrow, and what is read of it."""

from sghss_graphql.atendimento.contingencia.regras import Leituras
from sghss_graphql.sala import Sala

SALA = Sala(
    nome="atendimento/contingencia",
    migracao=19,
    atos=(Leituras,),
    emprestadas=dict.fromkeys(
        ("consulta", "unidade", "sala", "tipo_de_atendimento", "profissional", "paciente", "pessoa"),
        "a agenda inteira, num comando só, para quando não houver banco",
    ),
)
