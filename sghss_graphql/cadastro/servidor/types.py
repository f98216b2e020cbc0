"""What a client needs to know before anybody has logged in."""

from datetime import datetime

import strawberry


@strawberry.type(description="O servidor do hospital, para quem quer que pergunte.")
class Servidor:
    """It tells nothing about anybody."""

    versao: str = strawberry.field(description="A versão do programa.")
    hospital: str = strawberry.field(description="O nome do hospital.")
    fuso: str = strawberry.field(description="O fuso horário do hospital (nome IANA), no qual se lê que dia é hoje.")
    agora: datetime = strawberry.field(description="O instante, no relógio do servidor.")
    demonstracao: bool = strawberry.field(description="Se é um hospital de demonstração: nada nele é de verdade.")
    tamanho_minimo_da_senha: int = strawberry.field(description="De quantos caracteres uma senha precisa.")
