"""How long whoever fails is locked out, and the codes of who can't prove who they are."""

from sghss_graphql.vocabulario.errors import CodigoDeErro


class Codigos(CodigoDeErro):
    """Of those who log in."""

    CREDENCIAIS_INVALIDAS = 1, "CPF, senha, código ou token de renovação não conferem."
    SENHA_FRACA = 13, "A senha não atende às regras de segurança."
    MUITAS_TENTATIVAS = 14, "Tentativas demais: espere antes de tentar de novo."
