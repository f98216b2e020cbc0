// What the peers in Node and in Bun share: ids, the texts of the statements, and the questions that are asked by one.
export const id = (type, key) => `${type}_${key.toString('hex')}`;
export const key = (id) => Buffer.from(id.slice(4), 'hex');
export const hex = (key) => key.toString('hex');
export const CELL = 300_000; // milliseconds
const stored = (instant) => instant.slice(0, 19).replace('T', ' ');

const CONSULTA = 'SELECT id, paciente_id, profissional_id, inicio, fim, situacao, motivo FROM consulta';
const NEWEST = ' ORDER BY inicio DESC, id DESC LIMIT ?';
export const PACIENTE = 'SELECT p.id, e.nome, e.cpf, e.nascimento FROM paciente p JOIN pessoa e ON e.id = p.pessoa_id';
export const PROFISSIONAL =
  "SELECT m.id, e.nome, CONCAT(m.conselho, ' ', m.numero, '/', m.uf) AS registro FROM profissional m" +
  ' JOIN pessoa e ON e.id = m.pessoa_id';

let sequence = 0;
export function newKey() {
  const key = Buffer.alloc(16);
  key.writeUIntBE(Date.now(), 0, 6);
  key.writeUInt32BE(++sequence, 8);
  key.writeUInt32BE((Math.random() * 2 ** 32) >>> 0, 12);
  return key;
}

// Give the questions, asked by what runs a statement.
export function asking(select) {
  const paciente = async (id) => (await select(`${PACIENTE} WHERE p.id = ?`, [key(id)]))[0];

  const consultas = ({ pacienteId, profissionalId, ate }, first) => {
    if (pacienteId) return select(`${CONSULTA} WHERE paciente_id = ?${NEWEST}`, [key(pacienteId), first]);
    if (profissionalId) return select(`${CONSULTA} WHERE profissional_id = ?${NEWEST}`, [key(profissionalId), first]);
    return select(`${CONSULTA} WHERE inicio < ?${NEWEST}`, [stored(ate), first]);
  };

  // Along the start that reaches furthest, as the product does it.
  async function search(text, first) {
    const starts = text.toLowerCase().split(' ');
    const one =
      '(SELECT ? AS start, (SELECT nome_ordem FROM pessoa_inicio WHERE inicio = ?' +
      ' ORDER BY nome_ordem, pessoa_id LIMIT 1 OFFSET 100) AS reached)';
    const found = await select(starts.map(() => one).join(' UNION ALL '), starts.flatMap((start) => [start, start]));
    const furthest = (a, b) => (a.reached === null ? -1 : b.reached === null ? 1 : a.reached < b.reached ? 1 : -1);
    const [along, ...others] = found.sort(furthest).map((row) => row.start);
    const joins = others.map(
      (_, n) =>
        ` JOIN pessoa_inicio i${n + 1} ON i${n + 1}.inicio = ? AND i${n + 1}.nome_ordem = i0.nome_ordem` +
        ` AND i${n + 1}.pessoa_id = i0.pessoa_id`,
    );
    const sql =
      `SELECT STRAIGHT_JOIN p.id, e.nome, e.cpf, e.nascimento FROM pessoa_inicio i0${joins.join('')}` +
      ' JOIN paciente p ON p.pessoa_id = i0.pessoa_id JOIN pessoa e ON e.id = p.pessoa_id' +
      ' WHERE i0.inicio = ? ORDER BY i0.nome_ordem, i0.pessoa_id LIMIT ?';
    return select(sql, [...others, along, first]);
  }

  return { paciente, consultas, search };
}
