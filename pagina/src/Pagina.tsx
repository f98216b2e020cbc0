import { GraphiQL } from "graphiql";
import { Kind, parse } from "graphql";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { Entrada } from "./Entrada";
import { Historia } from "./Historia";
import { type Exemplo, type Lembrado, exemplosDe, variaveisDe } from "./exemplos";
import { type Papel, type Pedido, aoMudar, guardado, pedir, sessaoAtual } from "./sessao";

const LEMBRADO = "sghss:lembrado";

/** The page: who is logged in above, GraphiQL below. Each role has its own tabs, so GraphiQL is made anew for it. */
export function Pagina() {
  const sessao = useSyncExternalStore(aoMudar, sessaoAtual);
  const [lembrado, setLembrado] = useState<Lembrado>(() => guardado(LEMBRADO, {}));
  useEffect(() => sessionStorage.setItem(LEMBRADO, JSON.stringify(lembrado)), [lembrado]);
  const papel = sessao?.usuario.papeis[0];
  return (
    <>
      <Entrada sessao={sessao} />
      <main>
        <Editor key={papel ?? "VISITANTE"} papel={papel} lembrado={lembrado} aoLembrar={setLembrado} />
      </main>
    </>
  );
}

interface EditorProps {
  papel: Papel | undefined;
  lembrado: Lembrado;
  aoLembrar: (mudar: (antes: Lembrado) => Lembrado) => void;
}

function Editor({ papel, lembrado, aoLembrar }: EditorProps) {
  const [exemplos] = useState(() => exemplosDe(papel));
  const [memoria] = useState(() => memoriaDaAba(papel));
  const [abas] = useState(() => exemplos.map((e) => ({ query: e.texto, variables: variaveisDe(e, lembrado) })));
  const fetcher = useCallback(
    async (escrito: Pedido) => {
      const pedido = comNomeCerto(escrito);
      const resposta = await pedir(pedido);
      const exemplo = exemplos.find(({ nome }) => nome === pedido.operationName);
      if (resposta.data && exemplo) lembrar(exemplo, resposta.data, aoLembrar);
      return resposta;
    },
    [exemplos, aoLembrar],
  );
  return (
    <GraphiQL
      fetcher={fetcher as never}
      storage={memoria}
      defaultTabs={abas}
      initialVariables={memoria.getItem("graphiql:tabState") ? undefined : abas[0]?.variables}
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
      defaultEditorToolsVisibility="variables"
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <span />
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <Historia exemplos={exemplos} lembrado={lembrado} memoria={memoria} />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

/** GraphiQL learns an operation's name a moment after it shows it; until then it would send the former tab's. */
function comNomeCerto(pedido: Pedido): Pedido {
  let nomes: (string | undefined)[];
  try {
    const { definitions } = parse(pedido.query, { noLocation: true });
    nomes = definitions.flatMap((parte) => (parte.kind === Kind.OPERATION_DEFINITION ? [parte.name?.value] : []));
  } catch {
    return pedido; // the server says what is wrong with it
  }
  if (!pedido.operationName || nomes.includes(pedido.operationName)) return pedido;
  return { ...pedido, operationName: nomes.length === 1 ? nomes[0] : null };
}

function lembrar(exemplo: Exemplo, data: object, aoLembrar: EditorProps["aoLembrar"]) {
  aoLembrar((antes) => {
    try {
      return { ...antes, ...exemplo.lembrar?.(data, antes) };
    } catch {
      return antes; // the example was rewritten, and its answer has another shape
    }
  });
}

/** GraphiQL's storage: this tab's, apart for each role. History and tabs may hold a password: nothing outlives the tab. */
function memoriaDaAba(papel: Papel | undefined) {
  const chave = (nome: string) => (nome === "graphiql:theme" ? nome : `${papel ?? "VISITANTE"}:${nome}`);
  return {
    getItem: (nome: string) => sessionStorage.getItem(chave(nome)),
    setItem: (nome: string, valor: string) => sessionStorage.setItem(chave(nome), valor),
    removeItem: (nome: string) => sessionStorage.removeItem(chave(nome)),
    clear: () => {
      for (const nome of Object.keys(sessionStorage)) if (nome.includes("graphiql:")) sessionStorage.removeItem(nome);
    },
    get length() {
      return sessionStorage.length;
    },
  };
}
