import { authExchange } from "@urql/exchange-auth";
import { Client, cacheExchange, fetchExchange } from "urql";
import { OPERACOES } from "./operacoes.js";
import { todas } from "./paginas.js";
import { naoAutenticado } from "./sessao.js";

export function criarUrql(url, sessao) {
  const cliente = new Client({
    url,
    preferGetMethod: false,
    exchanges: [
      cacheExchange,
      authExchange(async (urql) => ({
        addAuthToOperation: (operacao) =>
          sessao.tokens
            ? urql.appendHeaders(operacao, { Authorization: `Bearer ${sessao.tokens.tokenDeAcesso}` })
            : operacao,
        didAuthError: (erro) => Boolean(sessao.tokens) && naoAutenticado(erro.graphQLErrors),
        refreshAuth: () => sessao.renovar(),
      })),
      fetchExchange,
    ],
  });

  async function executar(nome, variaveis) {
    const enviar = OPERACOES[nome].startsWith("mutation") ? cliente.mutation : cliente.query;
    const opcoes = { requestPolicy: "network-only" };
    const { data, error } = await enviar.call(cliente, OPERACOES[nome], variaveis, opcoes).toPromise();
    if (error?.networkError) throw error.networkError;
    return { data, errors: error?.graphQLErrors };
  }

  return { executar, paginar: (nome, first) => todas(executar, nome, first) };
}
