/** In Node: ``node rodar.js CLIENTE URL`` tells the story, and writes its steps. */
import { Window } from "happy-dom";

const janela = new Window();
globalThis.navigator ??= janela.navigator;
Object.assign(globalThis, { window: janela, document: janela.document, HTMLElement: janela.HTMLElement });

const { alcanca, contar } = await import("./historia.js");
const [nome, url] = process.argv.slice(2);
try {
  console.log((await contar(nome, url)).join("\n"));
  if (await alcanca(nome, "http://127.0.0.1:1/graphql")) throw new Error("um servidor ausente não foi notado");
  console.log("servidor ausente é erro de rede");
  process.exit(0);
} catch (erro) {
  console.error(erro);
  process.exit(1);
}
