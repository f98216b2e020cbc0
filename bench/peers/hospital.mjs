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

const WHO =
  'SELECT m.id, e.nome FROM profissional m JOIN pessoa e ON e.id = m.pessoa_id' +
  ' JOIN profissional_especialidade s ON s.profissional_id = m.id WHERE s.especialidade_ordem = ? ORDER BY m.id LIMIT 301';
const SHIFTS =
  'SELECT t.profissional_id, t.dia, t.inicio, t.fim, u.fuso FROM turno t JOIN unidade u ON u.id = t.unidade_id' +
  ' WHERE t.profissional_id';
const BLOCKS = 'SELECT profissional_id, inicio, fim FROM bloqueio WHERE profissional_id';
// In this hospital a person's key is that of their registration.
const TAKEN = 'SELECT coisa_id, celula FROM tempo WHERE coisa_id';
const SLOT = 1_800_000; // milliseconds
const written = (at) => `${new Date(at).toISOString().slice(0, 19)}Z`;
const utc = (instant) => (instant instanceof Date ? instant.getTime() : Date.parse(`${instant.replace(' ', 'T')}Z`));
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

// The local day (0 is Monday) and minute of an instant: the same for all who work in one time zone.
const clocks = new Map();
function local(zone, at) {
  let clock = clocks.get(zone);
  if (!clock) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    });
    clocks.set(zone, (clock = { format, at: NaN, day: 0, minute: 0 }));
  }
  if (clock.at !== at) {
    const parts = Object.fromEntries(clock.format.formatToParts(at).map(({ type, value }) => [type, value]));
    clock.at = at;
    clock.day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts.weekday);
    clock.minute = 60 * Number(parts.hour) + Number(parts.minute);
  }
  return clock;
}

// Whether half an hour of a shift begins then: shifts that adjoin are one.
function begins({ dia, inicio, fim, fuso }, at) {
  const { day, minute } = local(fuso, at);
  return day === dia && minute >= inicio && minute < fim && (minute - inicio) % 30 === 0;
}

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

  // The first free times among all who have a speciality: in order of time, then of who attends.
  async function freeTimes({ especialidade, de, ate }, first) {
    const people = await select(WHO, [plain(especialidade)]);
    if (!people.length) return [];
    const keys = people.map((row) => row.id);
    const among = `IN (${Array(keys.length).fill('?').join(', ')})`;
    const [from, until] = [Date.parse(de), Date.parse(ate)];
    const [shifts, blocks, taken] = await Promise.all([
      select(`${SHIFTS} ${among}`, keys),
      select(`${BLOCKS} ${among} AND fim > ? AND inicio < ?`, [...keys, stored(de), stored(ate)]),
      select(`${TAKEN} ${among} AND celula >= ? AND celula < ?`, [...keys, from / CELL, (until + SLOT) / CELL]),
    ]);
    const agendas = new Map(people.map((row) => [hex(row.id), { shifts: [], blocks: [], taken: new Set(), row }]));
    for (const row of shifts) agendas.get(hex(row.profissional_id)).shifts.push(row);
    for (const row of blocks)
      agendas.get(hex(row.profissional_id)).blocks.push([utc(row.inicio), utc(row.fim)]);
    for (const row of taken) agendas.get(hex(row.coisa_id)).taken.add(Number(row.celula));
    const free = [];
    for (let at = from; at < until && free.length < first; at += CELL)
      for (const { shifts, blocks, taken, row } of agendas.values()) {
        if (free.length === first) break;
        if (!shifts.some((shift) => begins(shift, at)) || blocks.some(([a, b]) => a < at + SLOT && b > at)) continue;
        if (Array.from({ length: SLOT / CELL }, (_, n) => at / CELL + n).some((cell) => taken.has(cell))) continue;
        free.push({ inicio: written(at), fim: written(at + SLOT), profissional: row });
      }
    return free;
  }

  return { paciente, consultas, search, freeTimes };
}
