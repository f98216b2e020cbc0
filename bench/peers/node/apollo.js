// Apollo Server on Express.
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { loaders, typeDefs, withLoaders } from './graphql.js';
import { port, verify } from './hospital.js';

const server = new ApolloServer({ typeDefs, resolvers: withLoaders });
await server.start();
const context = async ({ req }) => ({ user: verify(req.headers.authorization), ...loaders() });
express()
  .use('/graphql', express.json(), expressMiddleware(server, { context }))
  .listen(port, '127.0.0.1');
