/** The story that every client tells: in, a query, all of a list, each shape of error, book and cancel, renewal. */
import { criarApollo } from "./apollo.js";
import { criarFetch } from "./fetch.js";
import { criarGraphqlRequest } from "./graphql-request.js";
import { criarRelay } from "./relay.js";
import { criarSessao } from "./sessao.js";
import { criarUrql } from "./urql.js";

export const CLIENTES = {
  fetch: criarFetch,
  "graphql-request": criarGraphqlRequest,
  apollo: criarApollo,
  urql: criarUrql,
  relay: criarRelay,
};

const PACIENTE = "529.982.247-25";
const RECEPCAO = "390.533.447-05";
const SENHA = "sghss-demo-2026";

function confere(esperado, achado, passo) {
  const [um, outro] = [JSON.stringify(esperado), JSON.stringify(achado)];
  if (um !== outro) throw new Error(`${passo}: esperava ${um}, veio ${outro}`);
}

const codigos = ({ errors }) => (errors ?? []).map((erro) => erro.extensions?.code);
const dia = (n) => new Date(Date.now() + n * 86_400_000).toLocaleDateString("sv-SE");

/** Tell the story with one client; gives the steps that were told. */
export async function contar(nome, url) {
  const sessao = criarSessao(url);
  const cliente = CLIENTES[nome](url, sessao);
  const passos = [];
  const passo = async (titulo, fazer) => {
    await fazer(titulo);
    passos.push(titulo);
  };

  await passo("sem token, NAO_AUTENTICADO", async (titulo) => {
    confere(["NAO_AUTENTICADO"], codigos(await cliente.executar("Eu")), titulo);
  });
  await passo("senha errada volta em erros", async (titulo) => {
    const erros = await sessao.entrar(PACIENTE, "senha-errada-1");
    confere(["CREDENCIAIS_INVALIDAS"], erros.map((erro) => erro.codigo), titulo);
  });
  await passo("entrar", async (titulo) => confere([], await sessao.entrar(PACIENTE, SENHA), titulo));
  let pacienteId;
  await passo("uma consulta simples", async (titulo) => {
    const { data, errors } = await cliente.executar("Eu");
    confere([["PACIENTE"], undefined], [data.eu.papeis, errors?.length ? errors : undefined], titulo);
    pacienteId = data.eu.paciente.id;
  });
  await passo("uma lista inteira, página a página", async (titulo) => {
    const ids = (await cliente.paginar("Profissionais", 20)).map((profissional) => profissional.id);
    confere([60, 60], [ids.length, new Set(ids).size], titulo);
  });
  await passo("o que o papel não permite é PROIBIDO", async (titulo) => {
    const resposta = await cliente.executar("Pacientes");
    confere(["PROIBIDO"], codigos(resposta), titulo);
    confere(true, (resposta.data?.pacientes ?? null) === null, titulo);
  });
  await passo("marcar e desmarcar", async (titulo) => {
    const { data } = await cliente.executar("Horarios", { de: dia(1), ate: dia(15) });
    const { id: profissionalId, horariosDisponiveis } = data.profissionais.edges[0].node;
    const horario = horariosDisponiveis[Math.floor(Math.random() * horariosDisponiveis.length)];
    const input = { pacienteId, profissionalId, inicio: horario.inicio };
    const marcada = (await cliente.executar("AgendarConsulta", { input })).data.agendarConsulta;
    confere(["AGENDADA", []], [marcada.consulta?.situacao, marcada.erros], titulo);
    const cancelar = { input: { consultaId: marcada.consulta.id, motivo: "Mudança de planos" } };
    const cancelada = (await cliente.executar("CancelarConsulta", cancelar)).data.cancelarConsulta;
    confere(["CANCELADA", []], [cancelada.consulta?.situacao, cancelada.erros], titulo);
    const outraVez = (await cliente.executar("CancelarConsulta", cancelar)).data.cancelarConsulta;
    confere([null, "TRANSICAO_INVALIDA"], [outraVez.consulta, outraVez.erros[0].codigo], `${titulo}, de novo`);
  });
  await passo("a sessão se renova sozinha", async (titulo) => {
    const antes = sessao.tokens;
    sessao.tokens = { ...antes, tokenDeAcesso: "token.que.venceu" };
    confere("Maria Aparecida da Conceição", (await cliente.executar("Eu")).data.eu.nome, titulo);
    confere(true, sessao.tokens.tokenDeRenovacao !== antes.tokenDeRenovacao, titulo);
  });
  await passo("dados e erros na mesma resposta", async (titulo) => {
    confere([], await sessao.entrar(RECEPCAO, SENHA), titulo);
    const resposta = await cliente.executar("Paciente", { id: pacienteId });
    confere(["PROIBIDO"], codigos(resposta), titulo);
    const { eu, paciente } = resposta.data;
    confere(["Juliana Martins Ribeiro", "Maria Aparecida da Conceição", null], [eu.nome, paciente.nome, paciente.prontuarios], titulo);
  });
  if (cliente.reler) {
    await passo("reler por node(id:)", async (titulo) => {
      const { erro, profissional } = await cliente.reler();
      confere([null, true], [erro, profissional.registro.includes("/")], titulo);
    });
  }
  await passo("sair", async (titulo) => {
    await sessao.sair();
    confere(["NAO_AUTENTICADO"], codigos(await cliente.executar("Eu")), titulo);
  });
  return passos;
}

/** Whether the client reaches the server at all: what a page of an origin that isn't listed can't do. */
export async function alcanca(nome, url) {
  try {
    await CLIENTES[nome](url, criarSessao(url)).executar("Eu");
    return true;
  } catch {
    return false;
  }
}
