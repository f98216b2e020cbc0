import { InMemoryCache } from "@apollo/client";
import { cacheExchange } from "@urql/exchange-graphcache";
import type { IntrospectionQuery } from "graphql";

/** The types that have no id: parts of the object that they stand in, never objects of their own. */
export function semId({ __schema }: IntrospectionQuery): string[] {
  const objetos = __schema.types.flatMap((tipo) => (tipo.kind === "OBJECT" ? [tipo] : []));
  return objetos
    .filter(({ name, fields }) => !name.startsWith("__") && !fields.some((campo) => campo.name === "id"))
    .map(({ name }) => name)
    .filter((nome) => nome !== "Query" && nome !== "Mutation");
}

/** The types that `node(id:)` gives. */
export function nos({ __schema }: IntrospectionQuery): string[] {
  return __schema.types.flatMap((tipo) =>
    tipo.kind === "OBJECT" && tipo.interfaces.some(({ name }) => name === "Node") ? [tipo.name] : [],
  );
}

export const cacheDoApollo = (schema: IntrospectionQuery) =>
  new InMemoryCache({
    possibleTypes: { Node: nos(schema) },
    typePolicies: Object.fromEntries(semId(schema).map((nome) => [nome, { keyFields: false, merge: false }])),
  });

export const cacheDoUrql = (schema: IntrospectionQuery) =>
  cacheExchange({ schema, keys: Object.fromEntries(semId(schema).map((nome) => [nome, () => null])) });
