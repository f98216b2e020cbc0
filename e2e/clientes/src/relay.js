import { Suspense, createElement as h, useEffect } from "react";
import { createRoot } from "react-dom/client";
import { RelayEnvironmentProvider, useFragment, useLazyLoadQuery, usePaginationFragment, useRefetchableFragment } from "react-relay";
import { Environment, Network, RecordSource, Store, commitMutation, fetchQuery, graphql } from "relay-runtime";

const OPERACOES = {
  Eu: graphql`
    query relayEuQuery {
      eu { nome papeis paciente { id } }
    }
  `,
  Horarios: graphql`
    query relayHorariosQuery($de: Date!, $ate: Date!) {
      profissionais(busca: "Carlos Eduardo Nogueira", first: 1) {
        edges { node { id horariosDisponiveis(de: $de, ate: $ate) { inicio } } }
      }
    }
  `,
  AgendarConsulta: graphql`
    mutation relayAgendarConsultaMutation($input: AgendarConsultaInput!) {
      agendarConsulta(input: $input) {
        consulta { id situacao inicio }
        erros { codigo mensagem campo }
      }
    }
  `,
  CancelarConsulta: graphql`
    mutation relayCancelarConsultaMutation($input: CancelarConsultaInput!) {
      cancelarConsulta(input: $input) {
        consulta { id situacao }
        erros { codigo mensagem campo }
      }
    }
  `,
  Pacientes: graphql`
    query relayPacientesQuery {
      pacientes(first: 1) { totalCount }
    }
  `,
  Paciente: graphql`
    query relayPacienteQuery($id: ID!) {
      eu { nome }
      paciente(id: $id) { nome prontuarios(first: 1) { totalCount } }
    }
  `,
};

const PROFISSIONAIS = graphql`
  query relayProfissionaisQuery($first: Int!) {
    ...relayProfissionais_query @arguments(first: $first)
  }
`;

const LISTA = graphql`
  fragment relayProfissionais_query on Query
  @refetchable(queryName: "relayProfissionaisPaginationQuery")
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" }) {
    profissionais(first: $first, after: $after) @connection(key: "relayProfissionais_profissionais") {
      edges { node { id nome ...relayProfissional_profissional } }
      totalCount
    }
  }
`;

const PROFISSIONAL = graphql`
  fragment relayProfissional_profissional on Profissional @refetchable(queryName: "relayProfissionalRefetchQuery") {
    nome
    registro
  }
`;

export function criarRelay(url, sessao) {
  let ultima;
  const rede = Network.create(async ({ text }, variaveis) => {
    ultima = await sessao.pedir(text, variaveis);
    return ultima;
  });
  const ambiente = new Environment({ network: rede, store: new Store(new RecordSource()) });

  /** Relay rejects an answer without data; of one with both, it gives the data and keeps the errors to itself. */
  async function executar(nome, variables = {}) {
    const operacao = OPERACOES[nome];
    ultima = undefined;
    try {
      const data =
        operacao.params.operationKind === "mutation"
          ? await new Promise((onCompleted, onError) =>
              commitMutation(ambiente, { mutation: operacao, variables, onCompleted, onError }),
            )
          : await fetchQuery(ambiente, operacao, variables).toPromise();
      return { data, errors: ultima.errors };
    } catch (erro) {
      if (!ultima?.errors) throw erro; // the network
      return { data: null, errors: erro.source?.errors ?? ultima.errors };
    }
  }

  /** A pagination container: it loads page after page until there are no more, and gives its nodes. */
  const paginar = (nome, first) =>
    montar(({ pronto }) => {
      const consulta = useLazyLoadQuery(PROFISSIONAIS, { first });
      const { data, hasNext, isLoadingNext, loadNext } = usePaginationFragment(LISTA, consulta);
      useEffect(() => {
        if (hasNext && !isLoadingNext) loadNext(first);
        if (!hasNext) pronto(data.profissionais.edges.map((edge) => edge.node));
      }, [data, hasNext, isLoadingNext]);
      return null;
    });

  /** Refetch one object through ``node(id:)``. */
  const reler = () =>
    montar(({ pronto }) => {
      const { profissionais } = useFragment(LISTA, useLazyLoadQuery(PROFISSIONAIS, { first: 1 }));
      const [profissional, refetch] = useRefetchableFragment(PROFISSIONAL, profissionais.edges[0].node);
      useEffect(() => {
        refetch({}, { fetchPolicy: "network-only", onComplete: (erro) => pronto({ erro, profissional }) });
      }, []);
      return null;
    });

  function montar(Componente) {
    return new Promise((resolve, reject) => {
      const raiz = createRoot(document.createElement("div"), { onUncaughtError: reject });
      const pronto = (valor) => {
        queueMicrotask(() => raiz.unmount()); // not while React renders
        resolve(valor);
      };
      const dentro = h(Suspense, { fallback: null }, h(Componente, { pronto }));
      raiz.render(h(RelayEnvironmentProvider, { environment: ambiente }, dentro));
    });
  }

  return { executar, paginar, reler };
}
