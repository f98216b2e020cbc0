// GraphQL Yoga with the JIT of Envelop, on Node's own HTTP server.
import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import { createSchema, createYoga } from 'graphql-yoga';
import { loaders, typeDefs, withLoaders } from './graphql.js';
import { port, verify } from './hospital.js';

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers: withLoaders }),
  plugins: [useGraphQlJit()],
  graphiql: false,
  logging: 'error',
  context: ({ request }) => ({ user: verify(request.headers.get('authorization')), ...loaders() }),
});
createServer(yoga).listen(port, '127.0.0.1');
