/** Who is logged in, kept in memory and in this tab's session storage; and the requests that carry their token. */

export type Papel = "PACIENTE" | "PROFISSIONAL" | "RECEPCAO" | "ADMINISTRADOR";

export interface Sessao {
  tokenDeAcesso: string;
  expiraEm: string;
  tokenDeRenovacao: string;
  trocaDeSenhaObrigatoria: boolean;
  usuario: { nome: string; papeis: Papel[] };
}

export interface Pedido {
  query: string;
  variables?: unknown;
  operationName?: string | null;
}

interface Erro {
  message: string;
  extensions?: { code?: string; requestId?: string; argumento?: string[] };
}

export interface Resposta {
  data?: Record<string, any> | null;
  errors?: Erro[];
}

const CHAVE = "sghss:sessao";
const FOLGA = 60_000; // a token is renewed a minute before it ends

const SESSAO = `{
  sessao { tokenDeAcesso expiraEm tokenDeRenovacao trocaDeSenhaObrigatoria usuario { nome papeis } }
  erros { mensagem }
}`;
const LOGIN = `mutation Entrar($cpf: CPF!, $senha: String!) { login(cpf: $cpf, senha: $senha) ${SESSAO} }`;
const RENOVAR = `mutation Renovar($token: String!) { renovarSessao(tokenDeRenovacao: $token) ${SESSAO} }`;
const DEFINIR = `mutation Definir($cpf: CPF!, $codigo: String!, $senha: String!) {
  definirSenha(cpf: $cpf, codigo: $codigo, senhaNova: $senha) ${SESSAO}
}`;
const TROCAR = `mutation Trocar($atual: String!, $nova: String!) {
  trocarSenha(senhaAtual: $atual, senhaNova: $nova) ${SESSAO}
}`;

const SAIR = "mutation Sair { sair { erros { mensagem } } }";

let atual = guardado<Sessao | null>(CHAVE, null);
let aviso = "";
let renovacao: Promise<void> | null = null;
const ouvintes = new Set<() => void>();

/** Give the session, for React's useSyncExternalStore. */
export const sessaoAtual = (): Sessao | null => atual;

/** Give what there is to say of a session that ended by itself, or nothing. */
export const avisoAtual = (): string => aviso;

/** Tell a listener of each change; give what ends that. */
export function aoMudar(ouvinte: () => void): () => void {
  ouvintes.add(ouvinte);
  return () => ouvintes.delete(ouvinte);
}

/** Log in; whoever was logged in before in this tab is out. Throws an Error that says, in Portuguese, why not. */
export async function entrar(cpf: string, senha: string): Promise<void> {
  const antes = atual;
  await abrir(LOGIN, { cpf, senha });
  if (antes) await enviar({ query: SAIR }, antes.tokenDeAcesso).catch(() => undefined); // it ends by itself, too
}

/** Choose the password with the code of the desk, and be logged in. Throws as entrar does. */
export const definirSenha = (cpf: string, codigo: string, senha: string) =>
  abrir(DEFINIR, { cpf, codigo: codigo.trim(), senha });

/** Change the password; the session goes on with new tokens. */
export const trocarSenha = (atualSenha: string, nova: string) => abrir(TROCAR, { atual: atualSenha, nova });

/** Log out here and on the server; what was written in this tab is forgotten with it. */
export async function sair(): Promise<void> {
  try {
    await enviar({ query: SAIR });
  } finally {
    sessionStorage.clear();
    definir(null);
  }
}

/** Send a request as whoever is logged in, renewing the session when it is about to end. */
export async function pedir(pedido: Pedido): Promise<Resposta> {
  if (atual && Date.parse(atual.expiraEm) - Date.now() < FOLGA) await renovar();
  const resposta = await enviar(pedido);
  const recusada = resposta.errors?.some((erro) => erro.extensions?.code === "NAO_AUTENTICADO");
  if (!recusada || !atual) return resposta;
  await renovar();
  return atual ? enviar(pedido) : resposta;
}

async function enviar(pedido: Pedido, token = atual?.tokenDeAcesso): Promise<Resposta> {
  const headers: Record<string, string> = {
    "Content-Type": "application/json",
    Accept: "application/graphql-response+json, application/json;q=0.9",
  };
  if (token) headers.Authorization = `Bearer ${token}`;
  let resposta: Response;
  try {
    resposta = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(pedido) });
  } catch {
    throw new Error("O servidor não respondeu. Ele está no ar?");
  }
  try {
    return await resposta.json();
  } catch {
    throw new Error(`O servidor respondeu ${resposta.status}, sem JSON.`);
  }
}

async function abrir(query: string, variables: object): Promise<void> {
  const resposta = await enviar({ query, variables });
  if (resposta.errors) throw new Error(emPalavras(resposta.errors[0]));
  const [feito] = Object.values(resposta.data ?? {});
  if (!feito?.sessao) throw new Error(feito?.erros?.[0]?.mensagem ?? "A resposta não veio do hospital. Tente de novo.");
  definir(feito.sessao);
}

/** Say what is wrong to somebody who knows of a form, not of GraphQL. */
function emPalavras({ message, extensions }: Erro): string {
  if (extensions?.argumento?.[0] === "cpf") return "Confira o CPF: são 11 números, como 529.982.247-25.";
  if (extensions?.code === "SERVICO_INDISPONIVEL") return "O hospital está sem sistema agora. Tente de novo em instantes.";
  if (extensions?.code === "LIMITE_EXCEDIDO") return "Foram pedidos demais. Espere um minuto e tente de novo.";
  return message;
}

/** One renewal at a time: a refresh token used twice ends the session. */
function renovar(): Promise<void> {
  renovacao ??= renovarUmaVez().finally(() => (renovacao = null));
  return renovacao;
}

async function renovarUmaVez(): Promise<void> {
  const token = atual?.tokenDeRenovacao;
  const resposta = await enviar({ query: RENOVAR, variables: { token } });
  if (!resposta.data?.renovarSessao) return; // the server is away: keep what there is
  const { sessao } = resposta.data.renovarSessao;
  definir(sessao, sessao ? "" : "Sua sessão terminou. Entre de novo.");
}

function definir(sessao: Sessao | null, dizer = ""): void {
  atual = sessao;
  aviso = dizer;
  if (sessao) sessionStorage.setItem(CHAVE, JSON.stringify(sessao));
  else sessionStorage.removeItem(CHAVE);
  for (const ouvinte of ouvintes) ouvinte();
}

/** Read what a tab has kept, or give something else if it kept nothing, or nothing that can be read. */
export function guardado<T>(chave: string, senao: T, memoria: Pick<Storage, "getItem"> = sessionStorage): T {
  try {
    return JSON.parse(memoria.getItem(chave) ?? "null") ?? senao;
  } catch {
    return senao;
  }
}
