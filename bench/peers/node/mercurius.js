// Mercurius with its JIT: Fastify, loaders that take all parents.
import fastify from 'fastify';
import mercurius from 'mercurius';
import { resolvers, typeDefs } from './graphql.js';
import { profissionaisOf, pacientesOf, port, prontuariosOf, verify } from './hospital.js';

const by = (load, column) => ({
  loader: (queries) => load(queries.map(({ obj }) => obj[column])),
  opts: { cache: false },
});

const app = fastify();
app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  jit: 1,
  graphiql: false,
  context: (request) => ({ user: verify(request.headers.authorization) }),
  loaders: {
    Consulta: {
      paciente: by(pacientesOf, 'paciente_id'),
      profissional: by(profissionaisOf, 'profissional_id'),
      prontuarios: by(prontuariosOf, 'id'),
    },
  },
});
app.listen({ port, host: '127.0.0.1' });
