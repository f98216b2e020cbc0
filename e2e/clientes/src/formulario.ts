import type { CodigoDeErro } from "../gerado/graphql";
import type { Erro, Resposta } from "./tipado";

interface ErroDeUsuario {
  codigo: CodigoDeErro;
  mensagem: string;
  campo: string[];
}

/** What a form shows: under each field its messages, by the field's path ("endereco.cep"); the rest, above the form. */
export interface Avisos {
  campos: Record<string, string[]>;
  geral: string[];
  /** Somebody changed it meanwhile: show what is there now (it came in the payload), and ask again. */
  conflito: boolean;
}

/** Lay out all that is wrong with what was sent: in `erros` what the rules refuse, in `errors` what isn't a value at all. */
export function avisosDe(erros: ErroDeUsuario[], errors: Erro[] = []): Avisos {
  const avisos: Avisos = { campos: {}, geral: [], conflito: false };
  const avisar = (caminho: (string | number)[], mensagem: string) => {
    const campo = caminho.filter((parte) => parte !== "input").join(".");
    if (campo) (avisos.campos[campo] ??= []).push(mensagem);
    else avisos.geral.push(mensagem);
  };
  for (const { codigo, mensagem, campo } of erros) {
    if (codigo === "CONFLITO_DE_VERSAO") avisos.conflito = true;
    avisar(codigo === "CONFLITO_DE_VERSAO" ? [] : campo, mensagem);
  }
  for (const { message, extensions } of errors) avisar(extensions.argumento ?? [], message);
  return avisos;
}

/** Send a form: give the payload of what was done, or what to show. */
export async function enviar<Payload extends { erros: ErroDeUsuario[] }>(
  pedido: Promise<Resposta<Record<string, unknown>>>,
  escolher: (dados: any) => Payload,
): Promise<{ feito: Payload } | { avisos: Avisos; payload?: Payload }> {
  const { data, errors } = await pedido;
  if (!data) return { avisos: avisosDe([], errors) };
  const payload = escolher(data);
  return payload.erros.length ? { avisos: avisosDe(payload.erros, errors), payload } : { feito: payload };
}
