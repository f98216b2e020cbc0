import { OPERACOES } from "./operacoes.js";
import { todas } from "./paginas.js";

export function criarFetch(url, sessao) {
  const executar = (nome, variaveis) => sessao.pedir(OPERACOES[nome], variaveis);

  return { executar, paginar: (nome, first) => todas(executar, nome, first) };
}
