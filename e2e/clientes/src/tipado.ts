import type { TypedDocumentString } from "../gerado/graphql";

export interface Erro {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; argumento?: (string | number)[]; requestId?: string };
}

export interface Resposta<Dados> {
  data?: Dados | null;
  errors?: Erro[];
}

/** Whether only the id of an operation is sent, or its whole text. */
export type Modo = "documentos" | "textos";

/** A client that knows what each operation takes and gives, from the types that were generated. */
export function criarCliente(url: string, modo: Modo, token: () => string | null = () => null) {
  return async function pedir<Dados, Variaveis>(
    documento: TypedDocumentString<Dados, Variaveis>,
    ...[variables]: Variaveis extends Record<string, never> ? [] : [Variaveis]
  ): Promise<Resposta<Dados>> {
    const atual = token();
    const operacao =
      modo === "documentos" ? { documentId: documento.__meta__?.hash } : { query: documento.toString() };
    const resposta = await fetch(url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/graphql-response+json, application/json;q=0.9",
        ...(atual ? { Authorization: `Bearer ${atual}` } : {}),
      },
      body: JSON.stringify({ ...operacao, variables }),
    });
    return resposta.json();
  };
}
