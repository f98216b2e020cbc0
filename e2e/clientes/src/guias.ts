/** In Node: `node guias.js URL MODO SCHEMA` does what the guides of docs/como tell, and checks what comes of it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ApolloClient, HttpLink, gql } from "@apollo/client";
import type { IntrospectionQuery } from "graphql";
import { Client, fetchExchange } from "urql";
import {
  AgendarConsultaDocument,
  CorrigirMeuContatoDocument,
  EntrarDocument,
  HospitalDocument,
  MeuCadastroDocument,
} from "../gerado/graphql";
import { cacheDoApollo, cacheDoUrql, nos, semId } from "./caches";
import { dia, diaDe, instanteDe, porExtenso } from "./datas";
import { enviar } from "./formulario";
import { type Modo, criarCliente } from "./tipado";

const [url, modo, arquivo] = process.argv.slice(2) as [string, Modo, string];
const schema: IntrospectionQuery = JSON.parse(readFileSync(arquivo, "utf-8")).data;
let token: string | null = null;
const pedir = criarCliente(url, modo, () => token);

// TypeScript, documents
const { data: entrada } = await pedir(EntrarDocument, { cpf: "52998224725", senha: "sghss-demo-2026" });
token = entrada?.login.sessao?.tokenDeAcesso ?? null;
const fuso = (await pedir(HospitalDocument)).data!.servidor.fuso;
const paciente = (await pedir(MeuCadastroDocument)).data!.eu.paciente!;
if (modo === "documentos") {
  const resposta = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: "{ __typename }" }),
  });
  assert.equal(resposta.status, 400, "only what is known beforehand runs");
}
console.log("tipos");

// Forms
const errada = await enviar(
  pedir(CorrigirMeuContatoDocument, { input: { telefone: "123", endereco: { cep: "1" } } }),
  (dados) => dados.atualizarMeuContato,
);
assert.ok("avisos" in errada);
assert.deepEqual(Object.keys(errada.avisos.campos).sort(), ["endereco.cep", "telefone"]);
const tarde = await enviar(
  pedir(CorrigirMeuContatoDocument, { input: { seVersao: 0, telefone: "(11) 91234-5678" } }),
  (dados) => dados.atualizarMeuContato,
);
assert.ok("avisos" in tarde && tarde.avisos.conflito);
assert.equal(tarde.payload?.paciente?.versao, paciente.versao, "what is there now comes along");
const semSentido = await enviar(
  pedir(AgendarConsultaDocument, { input: { pacienteId: paciente.id, profissionalId: "prf_1", inicio: "amanhã" } }),
  (dados) => dados.agendarConsulta,
);
assert.ok("avisos" in semSentido);
assert.deepEqual(Object.keys(semSentido.avisos.campos), ["inicio"]);
const feita = await enviar(
  pedir(CorrigirMeuContatoDocument, {
    input: { seVersao: paciente.versao, telefone: `(11) 9${String(Date.now()).slice(-8)}` },
  }),
  (dados) => dados.atualizarMeuContato,
);
assert.ok("feito" in feita);
console.log("formulários");

// Dates
assert.equal(dia("1980-03-12"), "12/03/1980");
assert.match(porExtenso("2026-11-28T02:30:00Z", "America/Sao_Paulo"), /sexta-feira, 27 de novembro de 2026 .*23:30/);
assert.equal(diaDe("2026-11-28T02:30:00Z", "America/Sao_Paulo"), "2026-11-27");
assert.equal(instanteDe("2026-11-27", "23:30", "America/Sao_Paulo"), "2026-11-28T02:30:00.000Z");
assert.equal(instanteDe("2026-11-27", "23:30", "America/Manaus"), "2026-11-28T03:30:00.000Z");
assert.equal(instanteDe("2018-11-04", "08:00", "America/Sao_Paulo"), "2018-11-04T10:00:00.000Z", "the day summer time began");
assert.ok(instanteDe(diaDe(new Date(), fuso), "23:59", fuso) >= new Date().toISOString());
console.log("datas");

// Caches
assert.ok(semId(schema).includes("Endereco") && !semId(schema).includes("Paciente"));
assert.ok(nos(schema).includes("Consulta"));
if (modo === "textos") {
  const autorizado = { headers: { Authorization: `Bearer ${token}` } };
  const ver = MeuCadastroDocument.toString();
  const mudar = CorrigirMeuContatoDocument.toString();
  const endereco = (numero: string) => ({
    input: { endereco: { cep: "01310-100", logradouro: "Avenida Paulista", numero, municipio: "São Paulo", uf: "SP" as const } },
  });

  const apollo = new ApolloClient({ link: new HttpLink({ uri: url, ...autorizado }), cache: cacheDoApollo(schema) });
  await apollo.query({ query: gql(ver) });
  await apollo.mutate({ mutation: gql(mudar), variables: endereco(String(Date.now() % 10_000)) });
  const depois = String(1 + (Date.now() % 9_999));
  await apollo.mutate({ mutation: gql(mudar), variables: endereco(`${depois}-A`) });
  const lido = apollo.cache.readQuery<any>({ query: gql(ver) });
  assert.equal(lido.eu.paciente.endereco.numero, `${depois}-A`, "whoever shows the address shows the new one");
  assert.equal(lido.eu.paciente.nome, paciente.nome, "and what wasn't asked for again is still there");

  const urql = new Client({ url, preferGetMethod: false, exchanges: [cacheDoUrql(schema), fetchExchange], fetchOptions: autorizado });
  await urql.query(ver, {}).toPromise();
  await urql.mutation(mudar, endereco(`${depois}-B`)).toPromise();
  const visto = await urql.query(ver, {}, { requestPolicy: "cache-only" }).toPromise();
  assert.equal(visto.data?.eu.paciente?.endereco?.numero, `${depois}-B`);
}
console.log("caches");
