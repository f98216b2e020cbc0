import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect, useState } from "react";
import { type Exemplo, type Lembrado, variaveisDe } from "./exemplos";
import { guardado } from "./sessao";

const FALTA = /"rode \w+ antes"/;
const NOSSAS = "sghss:graphiql:variaveis";
/** Texts of one example that the page wrote, the last ones: GraphiQL may put one of before back. */
const MAIS_NOSSAS = 8;

interface Props {
  exemplos: Exemplo[];
  lembrado: Lembrado;
  /** This tab's, apart for each role: what the page itself wrote is still its own after a reload. */
  memoria: Pick<Storage, "getItem" | "setItem">;
}

/** Keep the variables of the open example up to date until someone writes their own, and lead to the next step. */
export function Historia({ exemplos, lembrado, memoria }: Props) {
  const { tabs, activeTabIndex, variableEditor } = useGraphiQL(pick("tabs", "activeTabIndex", "variableEditor"));
  const { changeTab } = useGraphiQLActions();
  const [nossas] = useState(
    () =>
      new Map<string, string[]>([
        ...exemplos.map((exemplo): [string, string[]] => [exemplo.nome, [variaveisDe(exemplo, lembrado)]]),
        ...Object.entries(guardado<Record<string, string[]>>(NOSSAS, {}, memoria)),
      ]),
  );
  const aba = tabs[activeTabIndex];
  const exemplo = exemplos.find(({ nome }) => nome === aba?.operationName);

  useEffect(() => {
    if (!exemplo?.variaveis || !variableEditor) return;
    const atualizar = (minhas: (escrito: string) => boolean) => {
      const escrito = variableEditor.getValue();
      if (!minhas(escrito)) return;
      const novo = variaveisDe(exemplo, lembrado);
      const outras = (nossas.get(exemplo.nome) ?? []).filter((uma) => uma !== novo);
      nossas.set(exemplo.nome, [...outras, novo].slice(-MAIS_NOSSAS));
      memoria.setItem(NOSSAS, JSON.stringify(Object.fromEntries(nossas)));
      if (novo !== escrito) variableEditor.setValue(novo);
    };
    const nossa = (escrito: string) => (nossas.get(exemplo.nome) ?? []).includes(escrito);
    atualizar((escrito) => nossa(escrito) || FALTA.test(escrito));
    // The editor may show this tab's variables a moment after the tab is the open one, and those of before.
    const ouvinte = variableEditor.onDidChangeModelContent(() => atualizar(nossa));
    return () => ouvinte.dispose();
  }, [aba?.id, exemplo, lembrado, memoria, nossas, variableEditor]);

  const seguinte = exemplo && exemplos[exemplos.indexOf(exemplo) + 1];
  const indice = seguinte ? tabs.findIndex((outra) => outra.operationName === seguinte.nome) : -1;
  if (!aba?.response || !seguinte || indice < 0) return null;
  return (
    <button type="button" className="sghss-seguinte" onClick={() => changeTab(indice)}>
      A seguir: {seguinte.nome} →
    </button>
  );
}
