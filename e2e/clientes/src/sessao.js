const SESSAO = "{ sessao { tokenDeAcesso tokenDeRenovacao expiraEm } erros { codigo mensagem } }";
const LOGIN = `mutation Entrar($cpf: CPF!, $senha: String!) { login(cpf: $cpf, senha: $senha) ${SESSAO} }`;
const RENOVAR = `mutation Renovar($token: String!) { renovarSessao(tokenDeRenovacao: $token) ${SESSAO} }`;

/** Whether an answer says that the token isn't valid (any more). */
export const naoAutenticado = (errors) => (errors ?? []).some((erro) => erro.extensions?.code === "NAO_AUTENTICADO");

/** A session: log in, renew, log out, and requests that carry the token. */
export function criarSessao(url) {
  let tokens = null;
  let renovacao = null;

  async function enviar(query, variables) {
    const headers = {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9",
    };
    if (tokens) headers.Authorization = `Bearer ${tokens.tokenDeAcesso}`;
    const resposta = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    return resposta.json();
  }

  /** Open a session; gives the errors that the caller can mend, none if it went well. */
  async function abrir(query, variables) {
    const { data, errors } = await enviar(query, variables);
    if (errors) throw new Error(errors[0].message);
    const [{ sessao, erros }] = Object.values(data);
    tokens = sessao;
    return erros;
  }

  /** One renewal at a time: a renewal token that is used twice ends the session. */
  function renovar() {
    renovacao ??= abrir(RENOVAR, { token: tokens.tokenDeRenovacao }).finally(() => (renovacao = null));
    return renovacao;
  }

  return {
    get tokens() {
      return tokens;
    },
    set tokens(novos) {
      tokens = novos;
    },
    renovar,
    entrar: (cpf, senha) => {
      tokens = null;
      return abrir(LOGIN, { cpf, senha });
    },
    sair: async () => {
      await enviar("mutation Sair { sair { erros { codigo } } }");
      tokens = null;
    },
    /** Send an operation; when the token has ended, renew the session and send it once more. */
    pedir: async (query, variables) => {
      const resposta = await enviar(query, variables);
      if (!tokens || !naoAutenticado(resposta.errors)) return resposta;
      await renovar();
      return tokens ? enviar(query, variables) : resposta;
    },
  };
}
