// The token, the pool, the rows by plain SQL: Bun's own client, which prepares each text once on each connection.
import { SQL } from 'bun';
import { createVerifier } from 'fast-jwt';
import { asking, CELL, hex, id, key, newKey, PACIENTE, PROFISSIONAL } from '../hospital.mjs';

const { SECRET, ISSUER, AUDIENCE, DB_SOCKET, DB_USER, DB_PASSWORD, DB_NAME } = process.env;

// The fastest that Bun runs of the usual three: jsonwebtoken takes some 20 µs, jose some 70.
const claims = createVerifier({
  key: Buffer.from(SECRET),
  algorithms: ['HS256'],
  allowedIss: ISSUER,
  allowedAud: AUDIENCE,
  requiredClaims: ['exp', 'sub'],
  cache: false,
});
export const verify = (header) => claims(header.slice(7));

const sql = new SQL({
  adapter: 'mysql',
  path: DB_SOCKET,
  username: DB_USER,
  password: DB_PASSWORD,
  database: DB_NAME,
  max: 10,
});
const select = (text, values) => sql.unsafe(text, values);
export const { paciente, consultas, search, freeTimes } = asking(select);
export { id };

export const instant = (date) => `${date.toISOString().slice(0, 19)}Z`;
export const day = (date) => date.toISOString().slice(0, 10);
const texts = new Map();

// A text with as many places as there are keys, each made once.
function places(before, count, after) {
  const name = `${before}${count}`;
  let text = texts.get(name);
  if (!text) texts.set(name, (text = `${before} IN (${Array(count).fill('?').join(', ')})${after}`));
  return text;
}

// The loaders: one statement for all consultas of a list.
const loader = (before, relation, column) => async (consultas) => {
  const names = consultas.map((row) => hex(row[column]));
  const keys = [...new Map(names.map((name, n) => [name, consultas[n][column]])).values()];
  const found = new Map();
  for (const row of await select(places(before, keys.length, ''), keys)) found.set(hex(row.id), row);
  names.forEach((name, n) => (consultas[n][relation] = found.get(name)));
};

async function prontuarios(consultas) {
  const found = new Map();
  for (const row of consultas) found.set(hex(row.id), (row.prontuarios = []));
  const before = 'SELECT id, criado_em, texto, consulta_id FROM prontuario WHERE consulta_id';
  const text = places(before, consultas.length, ' ORDER BY consulta_id, numero DESC');
  const keys = consultas.map((row) => row.id);
  for (const row of await select(text, keys)) found.get(hex(row.consulta_id)).push(row);
}

const LOADERS = {
  paciente: loader(`${PACIENTE} WHERE p.id`, 'paciente', 'paciente_id'),
  profissional: loader(`${PROFISSIONAL} WHERE m.id`, 'profissional', 'profissional_id'),
  prontuarios,
};
export const RELATIONS = Object.keys(LOADERS);

// The consultas with the relations that are asked for, side by side.
export async function withRelations(consultas, relations) {
  if (consultas.length) await Promise.all(relations.map((name) => LOADERS[name](consultas)));
  return consultas;
}

const LOCALHOST = Buffer.from([127, 0, 0, 1]);
const text = (milliseconds) => new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '');
const cells = (count) =>
  'INSERT INTO tempo (coisa_id, celula, consulta_id) VALUES ' + Array(count).fill('(?, ?, ?)').join(', ');

// The same reads before, and the same rows written, as the product's; its rules about hours are left out.
export async function book({ pacienteId, profissionalId, inicio, duracaoEmMinutos, motivo }, usuario) {
  const [patient, doctor, user] = [key(pacienteId), key(profissionalId), key(usuario)];
  const begin = Date.parse(inicio);
  const end = begin + duracaoEmMinutos * 60_000;
  const [from, until] = [text(begin), text(end)];
  if (!(await select(`${PACIENTE} WHERE p.id = ?`, [patient])).length) throw new Error('paciente');
  const found = await select(`${PROFISSIONAL} WHERE m.id = ?`, [doctor]);
  if (!found.length) throw new Error('profissional');
  await select('SELECT id FROM bloqueio WHERE profissional_id = ? AND fim > ? AND inicio < ?', [doctor, from, until]);
  await select('SELECT dia, inicio, fim FROM turno WHERE profissional_id = ? ORDER BY dia, inicio', [doctor]);
  const consulta = newKey();
  const times = Array.from({ length: duracaoEmMinutos / 5 }, (_, n) => begin / CELL + n);
  const made = text(Date.now());
  await sql.begin(async (tx) => {
    await tx.unsafe(
      'INSERT INTO consulta (id, paciente_id, profissional_id, inicio, fim, situacao, modalidade, motivo, criado_em)' +
        " VALUES (?, ?, ?, ?, ?, 'AGENDADA', 'PRESENCIAL', ?, ?)",
      [consulta, patient, doctor, from, until, motivo, made],
    );
    await tx.unsafe(
      "INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate) VALUES (?, ?, ?, 'CONSULTA', ?)",
      [consulta, doctor, patient, text(begin + 366 * 86_400_000)],
    );
    // In this hospital a person's key is that of their registration.
    await tx.unsafe(cells(times.length), times.flatMap((cell) => [doctor, cell, consulta]));
    await tx.unsafe(cells(times.length), times.flatMap((cell) => [patient, cell, consulta]));
    await tx.unsafe(
      'INSERT INTO consulta_mudanca (consulta_id, numero, situacao, inicio, fim, motivo, usuario_id, criado_em)' +
        " VALUES (?, 1, 'AGENDADA', ?, ?, NULL, ?, ?)",
      [consulta, from, until, user, made],
    );
    await tx.unsafe(
      'INSERT INTO auditoria (id, instante, ato, usuario_id, papeis, paciente_id, alvo_id, campo, origem)' +
        " VALUES (?, ?, 'AGENDAR_CONSULTA', ?, 'PACIENTE', ?, ?, NULL, ?)",
      [newKey(), made, user, patient, consulta, LOCALHOST],
    );
  });
  const shown = { inicio: new Date(begin), fim: new Date(end) };
  return { id: consulta, paciente_id: patient, profissional_id: doctor, ...shown, situacao: 'AGENDADA', motivo };
}
