"""What the room of repetições brings: requests that have one effect, however often they come."""

from sghss_graphql.confianca.repeticoes.porta import terminar, varrer
from sghss_graphql.sala import Sala, Tarefa

SALA = Sala(
    nome="confianca/repeticoes",
    migracao=16,
    tabelas={"repeticao": "SELECT, INSERT, DELETE"},
    termina=(terminar,),
    tarefas=(Tarefa("varrer os pedidos com chave", 600, varrer),),
)
