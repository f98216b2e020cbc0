// The part of the product's schema that is measured, for every GraphQL server in Node.
import { readFileSync } from 'node:fs';
import DataLoader from 'dataloader';
import { GraphQLScalarType } from 'graphql';
import { book, consultas, freeTimes, id, instant, profissionaisOf, paciente, pacientesOf, prontuariosOf, search } from './hospital.js';

const read = (name) => readFileSync(new URL(`../${name}.graphql`, import.meta.url), 'utf8');
export const typeDefs = read('hospital') + read('horarios');

const scalar = (name, serialize) => new GraphQLScalarType({ name, serialize, parseValue: (value) => value });
const page = (rows) => ({ edges: rows.map((node) => ({ node })) });
const idOf = (type) => ({ id: (row) => id(type, row.id) });

export const resolvers = {
  Date: scalar('Date', (value) => value),
  DateTime: scalar('DateTime', instant),
  CPF: scalar('CPF', (value) => value),
  Query: {
    paciente: (_, { id }) => paciente(id),
    pacientes: async (_, { busca, first }) => page(await search(busca, first)),
    consultas: async (_, { filtro, first }) => page(await consultas(filtro, first)),
    horarios: async (_, { filtro, first }) => page(await freeTimes(filtro, first)),
  },
  Mutation: {
    agendarConsulta: async (_, { input }, { user }) => ({ consulta: await book(input, user.sub), erros: [] }),
  },
  Paciente: idOf('pac'),
  Profissional: idOf('prf'),
  Prontuario: { ...idOf('pro'), criadoEm: (row) => row.criado_em },
  Consulta: idOf('con'),
};

const cacheKeyFn = (key) => key.toString('hex');
export const loaders = () => ({
  pacientes: new DataLoader(pacientesOf, { cacheKeyFn }),
  profissionais: new DataLoader(profissionaisOf, { cacheKeyFn }),
  prontuarios: new DataLoader(prontuariosOf, { cacheKeyFn }),
});

// For servers whose relations ask DataLoaders of the request's context.
export const withLoaders = {
  ...resolvers,
  Consulta: {
    ...resolvers.Consulta,
    paciente: (row, _, { pacientes }) => pacientes.load(row.paciente_id),
    profissional: (row, _, { profissionais }) => profissionais.load(row.profissional_id),
    prontuarios: (row, _, { prontuarios }) => prontuarios.load(row.id),
  },
};
