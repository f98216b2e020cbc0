import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { relayStylePagination } from "@apollo/client/utilities";
import { from, mergeMap } from "rxjs";
import { OPERACOES } from "./operacoes.js";
import { naoAutenticado } from "./sessao.js";

export function criarApollo(url, sessao) {
  const comToken = new SetContextLink(({ headers }) => ({
    headers: sessao.tokens ? { ...headers, Authorization: `Bearer ${sessao.tokens.tokenDeAcesso}` } : headers,
  }));
  const renovando = new ErrorLink(({ error, operation, forward }) => {
    if (sessao.tokens && CombinedGraphQLErrors.is(error) && naoAutenticado(error.errors)) {
      return from(sessao.renovar()).pipe(mergeMap(() => forward(operation)));
    }
  });
  const cliente = new ApolloClient({
    link: ApolloLink.from([renovando, comToken, new HttpLink({ uri: url })]),
    cache: new InMemoryCache({
      possibleTypes: { Node: ["Usuario", "Paciente", "Profissional", "Consulta", "Prontuario", "Bloqueio"] },
      typePolicies: { Query: { fields: { profissionais: relayStylePagination(["busca", "especialidade"]) } } },
    }),
  });

  async function executar(nome, variables) {
    const documento = gql(OPERACOES[nome]);
    const { data, error } = OPERACOES[nome].startsWith("mutation")
      ? await cliente.mutate({ mutation: documento, variables, errorPolicy: "all" })
      : await cliente.query({ query: documento, variables, errorPolicy: "all", fetchPolicy: "network-only" });
    if (error && !CombinedGraphQLErrors.is(error)) throw error; // the network
    return { data, errors: error?.errors };
  }

  /** fetchMore writes each page into the cache, where the policy above joins it to those before. */
  async function paginar(nome, first) {
    const pedido = { query: gql(OPERACOES[nome]), variables: { first } };
    let { pageInfo } = (await cliente.query(pedido)).data.profissionais;
    const lista = cliente.watchQuery(pedido);
    const inscricao = lista.subscribe({});
    while (pageInfo.hasNextPage) {
      const pagina = await lista.fetchMore({ variables: { after: pageInfo.endCursor } });
      ({ pageInfo } = pagina.data.profissionais);
    }
    inscricao.unsubscribe();
    return cliente.readQuery(pedido).profissionais.edges.map((edge) => edge.node);
  }

  return { executar, paginar };
}
