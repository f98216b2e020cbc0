// Fastify without GraphQL: a route for each question, and one joined statement where one is enough.
import fastify from 'fastify';
import { book, freeTimes, id, instant, key, paciente, port, search, select, verify } from './hospital.js';

const app = fastify();
app.addHook('onRequest', async (request) => {
  request.user = verify(request.headers.authorization);
});

const person = ({ id: key, nome, cpf, nascimento }) => ({ id: id('pac', key), nome, cpf, nascimento });

app.get('/q1/:id', async ({ params }) => person(await paciente(params.id)));

const Q2 = `SELECT c.id, c.inicio, c.fim, c.situacao, c.motivo, m.id AS mid, n.nome,
    CONCAT(m.conselho, ' ', m.numero, '/', m.uf) AS registro
  FROM consulta c JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id
  WHERE c.paciente_id = ? ORDER BY c.inicio DESC, c.id DESC LIMIT 20`;
app.get('/q2/:id', async ({ params }) =>
  (await select(Q2, [key(params.id)])).map((row) => ({
    id: id('con', row.id),
    inicio: instant(row.inicio),
    fim: instant(row.fim),
    situacao: row.situacao,
    motivo: row.motivo,
    profissional: { id: id('prf', row.mid), nome: row.nome, registro: row.registro },
  })),
);

const Q3 = `SELECT c.id, c.inicio, c.situacao, p.id AS pid, e.nome AS pnome, e.cpf, m.id AS mid, n.nome AS mnome,
    r.id AS rid, r.criado_em, r.texto
  FROM (SELECT id, inicio, situacao, paciente_id, profissional_id FROM consulta
    WHERE profissional_id = ? ORDER BY inicio DESC, id DESC LIMIT 50) c
  JOIN paciente p ON p.id = c.paciente_id JOIN pessoa e ON e.id = p.pessoa_id
  JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id
  LEFT JOIN prontuario r ON r.consulta_id = c.id ORDER BY c.inicio DESC, c.id DESC, r.numero DESC`;
app.get('/q3/:id', async ({ params }) => {
  const answer = [];
  let last;
  for (const row of await select(Q3, [key(params.id)])) {
    if (!last || !row.id.equals(last.key)) {
      last = {
        key: row.id,
        consulta: {
          id: id('con', row.id),
          inicio: instant(row.inicio),
          situacao: row.situacao,
          paciente: { id: id('pac', row.pid), nome: row.pnome, cpf: row.cpf },
          profissional: { id: id('prf', row.mid), nome: row.mnome },
          prontuarios: [],
        },
      };
      answer.push(last.consulta);
    }
    if (row.rid) {
      last.consulta.prontuarios.push({ id: id('pro', row.rid), criadoEm: instant(row.criado_em), texto: row.texto });
    }
  }
  return answer;
});

app.post('/m1', async ({ body, user }) => {
  const made = await book(body, user.sub);
  const { situacao, motivo } = made;
  return { id: id('con', made.id), inicio: instant(made.inicio), fim: instant(made.fim), situacao, motivo };
});

app.get('/s1/:busca', async ({ params }) => (await search(params.busca, 20)).map(person));

const L1 = `SELECT c.id, c.inicio, c.fim, c.situacao, p.id AS pid, e.nome AS pnome, m.id AS mid, n.nome AS mnome
  FROM (SELECT * FROM consulta WHERE inicio < ? ORDER BY inicio DESC, id DESC LIMIT 100) c
  JOIN paciente p ON p.id = c.paciente_id JOIN pessoa e ON e.id = p.pessoa_id
  JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id ORDER BY c.inicio DESC, c.id DESC`;
app.get('/l1/:ate', async ({ params }) =>
  (await select(L1, [params.ate.slice(0, 19)])).map((row) => ({
    id: id('con', row.id),
    inicio: instant(row.inicio),
    fim: instant(row.fim),
    situacao: row.situacao,
    paciente: { id: id('pac', row.pid), nome: row.pnome },
    profissional: { id: id('prf', row.mid), nome: row.mnome },
  })),
);

app.get('/h1/:de/:ate', async ({ params: { de, ate } }) =>
  (await freeTimes({ especialidade: 'Clínica Médica', de, ate }, 20)).map(({ inicio, fim, profissional }) => ({
    inicio,
    fim,
    profissional: { id: id('prf', profissional.id), nome: profissional.nome },
  })),
);

app.listen({ port, host: '127.0.0.1' });
