// graphql-jit on Bun's own server. Each operation is compiled once, and then it is known which relations it asks for:
// they are loaded with their list, so that no field below it has to wait.
import { buildSchema, parse, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import horarios from '../horarios.graphql' with { type: 'text' };
import hospital from '../hospital.graphql' with { type: 'text' };
import { book, consultas, day, freeTimes, id, instant, paciente, RELATIONS, search, verify, withRelations } from './hospital.js';

const schema = buildSchema(hospital + horarios);
const page = (rows) => ({ edges: rows.map((node) => ({ node })) });
const idOf = (type) => ({ id: (row) => id(type, row.id) });
const resolvers = {
  Query: {
    paciente: (_, { id }) => paciente(id),
    pacientes: async (_, { busca, first }) => page(await search(busca, first)),
    consultas: async (_, { filtro, first }, __, { relations }) =>
      page(await withRelations(await consultas(filtro, first), relations)),
    horarios: async (_, { filtro, first }) => page(await freeTimes(filtro, first)),
  },
  Mutation: {
    agendarConsulta: async (_, { input }, { user }, { relations }) => {
      const [consulta] = await withRelations([await book(input, user.sub)], relations);
      return { consulta, erros: [] };
    },
  },
  Paciente: { ...idOf('pac'), nascimento: (row) => day(row.nascimento) },
  Profissional: idOf('prf'),
  Prontuario: { ...idOf('pro'), criadoEm: (row) => instant(row.criado_em) },
  Consulta: { ...idOf('con'), inicio: (row) => instant(row.inicio), fim: (row) => instant(row.fim) },
};
for (const [type, fields] of Object.entries(resolvers))
  for (const [name, resolve] of Object.entries(fields)) schema.getType(type).getFields()[name].resolve = resolve;

// The relations that are selected anywhere below a field.
function relationsBelow(nodes, fragments, found = new Set()) {
  for (const node of nodes) {
    if (node.kind === 'Field' && RELATIONS.includes(node.name.value)) found.add(node.name.value);
    const below = node.kind === 'FragmentSpread' ? fragments[node.name.value] : node;
    relationsBelow(below.selectionSet?.selections ?? [], fragments, found);
  }
  return found;
}

const OPTIONS = {
  disablingCapturingStackErrors: true,
  disableLeafSerialization: true, // the resolvers give each scalar as it is written
  resolverInfoEnricher: ({ fieldNodes, fragments }) => ({ relations: [...relationsBelow(fieldNodes, fragments)] }),
};
const compiled = new Map();

function compile(query, operationName) {
  const name = `${operationName ?? ''}\n${query}`;
  let made = compiled.get(name);
  if (!made) {
    const document = parse(query);
    const errors = validate(schema, document);
    const found = errors.length ? { errors } : compileQuery(schema, document, operationName, OPTIONS);
    made = isCompiledQuery(found) ? found : { query: () => found };
    if (compiled.size === 1000) compiled.clear();
    compiled.set(name, made);
  }
  return made;
}

const JSON_TYPE = { headers: { 'Content-Type': 'application/json' } };
const refuse = (error, status) => Response.json({ errors: [{ message: error.message }] }, { status });

async function answer(request) {
  let user;
  try {
    user = verify(request.headers.get('authorization'));
  } catch (error) {
    return refuse(error, 401);
  }
  try {
    const { query, variables, operationName } = await request.json();
    const result = await compile(query, operationName).query(undefined, { user }, variables ?? {});
    return new Response(JSON.stringify(result), JSON_TYPE);
  } catch (error) {
    return refuse(error, 400);
  }
}

Bun.serve({ hostname: '127.0.0.1', port: process.env.PORT, routes: { '/graphql': { POST: answer } } });
