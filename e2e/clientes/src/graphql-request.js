import { ClientError, GraphQLClient } from "graphql-request";
import { OPERACOES } from "./operacoes.js";
import { todas } from "./paginas.js";
import { naoAutenticado } from "./sessao.js";

export function criarGraphqlRequest(url, sessao) {
  const cliente = new GraphQLClient(url, {
    errorPolicy: "all",
    headers: () => (sessao.tokens ? { Authorization: `Bearer ${sessao.tokens.tokenDeAcesso}` } : {}),
  });

  async function enviar(nome, variaveis) {
    try {
      return await cliente.rawRequest(OPERACOES[nome], variaveis);
    } catch (erro) {
      if (erro instanceof ClientError && erro.response.errors) return erro.response;
      throw erro; // the network, or a server that isn't GraphQL
    }
  }

  async function executar(nome, variaveis) {
    const resposta = await enviar(nome, variaveis);
    if (!sessao.tokens || !naoAutenticado(resposta.errors)) return resposta;
    await sessao.renovar();
    return enviar(nome, variaveis);
  }

  return { executar, paginar: (nome, first) => todas(executar, nome, first) };
}
