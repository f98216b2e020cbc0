// What all peers in Node share: the token, the pool, the rows by plain SQL, as a good engineer writes it.
import { createSecretKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import mysql from 'mysql2/promise';
import { asking, CELL, hex, id, key, newKey, PACIENTE, PROFISSIONAL } from '../hospital.mjs';

export const port = Number(process.env.PORT);

// A KeyObject: given a text, jsonwebtoken tries to read it as a public key first, at each check.
const secret = createSecretKey(Buffer.from(process.env.SECRET));
const claims = { algorithms: ['HS256'], issuer: process.env.ISSUER, audience: process.env.AUDIENCE };
export const verify = (header) => jwt.verify(header.slice(7), secret, claims);

const pool = mysql.createPool({
  socketPath: process.env.DB_SOCKET,
  user: process.env.DB_USER,
  password: process.env.DB_PASSWORD,
  database: process.env.DB_NAME,
  connectionLimit: 10,
  dateStrings: true,
  timezone: 'Z',
  charset: 'utf8mb4',
});
const select = async (sql, values) => (await pool.query(sql, values))[0];
export const { paciente, consultas, search, freeTimes } = asking(select);
export { id, key };

export const instant = (text) => `${text.slice(0, 10)}T${text.slice(11, 19)}Z`;
const distinct = (keys) => [...new Map(keys.map((key) => [hex(key), key])).values()];

async function one(sql, keys) {
  const found = new Map((await select(sql, [distinct(keys)])).map((row) => [hex(row.id), row]));
  return keys.map((key) => found.get(hex(key)));
}

export const pacientesOf = (keys) => one(`${PACIENTE} WHERE p.id IN (?)`, keys);
export const profissionaisOf = (keys) => one(`${PROFISSIONAL} WHERE m.id IN (?)`, keys);

export async function prontuariosOf(keys) {
  const found = new Map(keys.map((key) => [hex(key), []]));
  const sql =
    'SELECT id, criado_em, texto, consulta_id FROM prontuario WHERE consulta_id IN (?) ORDER BY consulta_id, numero DESC';
  for (const row of await select(sql, [keys])) found.get(hex(row.consulta_id)).push(row);
  return keys.map((key) => found.get(hex(key)));
}

const now = () => new Date().toISOString().replace('T', ' ').replace('Z', '');

// The same reads before, and the same rows written, as the product's; its rules about hours are left out.
export async function book({ pacienteId, profissionalId, inicio, duracaoEmMinutos, motivo }, usuario) {
  const [patient, doctor] = [key(pacienteId), key(profissionalId)];
  const begin = Date.parse(inicio);
  const [from, until] = [begin, begin + duracaoEmMinutos * 60_000].map((at) => new Date(at).toISOString().slice(0, 19));
  if (!(await select(`${PACIENTE} WHERE p.id = ?`, [patient])).length) throw new Error('paciente');
  if (!(await select(`${PROFISSIONAL} WHERE m.id = ?`, [doctor])).length) throw new Error('profissional');
  await select('SELECT id FROM bloqueio WHERE profissional_id = ? AND fim > ? AND inicio < ?', [doctor, from, until]);
  await select('SELECT dia, inicio, fim FROM turno WHERE profissional_id = ? ORDER BY dia, inicio', [doctor]);
  const consulta = newKey();
  const cells = Array.from({ length: duracaoEmMinutos / 5 }, (_, n) => begin / CELL + n);
  const connection = await pool.getConnection();
  try {
    await connection.beginTransaction();
    const insert = (table, columns, rows) => connection.query(`INSERT INTO ${table} (${columns}) VALUES ?`, [rows]);
    const made = now();
    await insert('consulta', 'id, paciente_id, profissional_id, inicio, fim, situacao, modalidade, motivo, criado_em', [
      [consulta, patient, doctor, from, until, 'AGENDADA', 'PRESENCIAL', motivo, made],
    ]);
    await insert('cuidado', 'origem_id, profissional_id, paciente_id, fonte, ate', [
      [consulta, doctor, patient, 'CONSULTA', new Date(begin + 366 * 86_400_000).toISOString().slice(0, 19)],
    ]);
    // In this hospital a person's key is that of their registration.
    await insert('tempo', 'coisa_id, celula, consulta_id', cells.map((cell) => [doctor, cell, consulta]));
    await insert('tempo', 'coisa_id, celula, consulta_id', cells.map((cell) => [patient, cell, consulta]));
    await insert('consulta_mudanca', 'consulta_id, numero, situacao, inicio, fim, motivo, usuario_id, criado_em', [
      [consulta, 1, 'AGENDADA', from, until, null, key(usuario), made],
    ]);
    await insert('auditoria', 'id, instante, ato, usuario_id, papeis, paciente_id, alvo_id, campo, origem', [
      [newKey(), made, 'AGENDAR_CONSULTA', key(usuario), 'PACIENTE', patient, consulta, null, Buffer.from([127, 0, 0, 1])],
    ]);
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw error;
  } finally {
    connection.release();
  }
  return { id: consulta, paciente_id: patient, profissional_id: doctor, inicio: from, fim: until, situacao: 'AGENDADA', motivo };
}

export { select };
