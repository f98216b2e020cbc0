import { pick, useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect, useRef } from "react";
import { type Exemplo, type Lembrado, variaveisDe } from "./exemplos";

const FALTA = /"rode \w+ antes"/;

interface Props {
  exemplos: Exemplo[];
  lembrado: Lembrado;
}

/** Keep the variables of the open example up to date until someone writes their own, and lead to the next step. */
export function Historia({ exemplos, lembrado }: Props) {
  const { tabs, activeTabIndex, variableEditor } = useGraphiQL(pick("tabs", "activeTabIndex", "variableEditor"));
  const { changeTab } = useGraphiQLActions();
  const nossas = useRef(new Map(exemplos.map((exemplo) => [exemplo.nome, variaveisDe(exemplo, lembrado)])));
  const aba = tabs[activeTabIndex];
  const exemplo = exemplos.find(({ nome }) => nome === aba?.operationName);

  useEffect(() => {
    if (!exemplo?.variaveis || !variableEditor) return;
    const escrito = variableEditor.getValue();
    if (escrito !== nossas.current.get(exemplo.nome) && !FALTA.test(escrito)) return;
    const novo = variaveisDe(exemplo, lembrado);
    nossas.current.set(exemplo.nome, novo);
    if (novo !== escrito) variableEditor.setValue(novo);
  }, [aba?.id, exemplo, lembrado, variableEditor]);

  const seguinte = exemplo && exemplos[exemplos.indexOf(exemplo) + 1];
  const indice = seguinte ? tabs.findIndex((outra) => outra.operationName === seguinte.nome) : -1;
  if (!aba?.response || !seguinte || indice < 0) return null;
  return (
    <button type="button" className="sghss-seguinte" onClick={() => changeTab(indice)}>
      A seguir: {seguinte.nome} →
    </button>
  );
}
