package main

// What GraphQL and REST share: the pool, prepared statements, rows by plain SQL.

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
)

var db = open()

func open() *sql.DB {
	config := mysql.NewConfig()
	config.Net, config.Addr = "unix", os.Getenv("DB_SOCKET")
	config.User, config.Passwd, config.DBName = os.Getenv("DB_USER"), os.Getenv("DB_PASSWORD"), os.Getenv("DB_NAME")
	connector, err := mysql.NewConnector(config)
	if err != nil {
		log.Fatal(err)
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(10)
	pool.SetMaxIdleConns(10)
	return pool
}

var statements sync.Map

// prepared gives a statement, prepared once on each connection.
func prepared(text string) (*sql.Stmt, error) {
	if found, ok := statements.Load(text); ok {
		return found.(*sql.Stmt), nil
	}
	made, err := db.Prepare(text)
	if err != nil {
		return nil, err
	}
	if found, late := statements.LoadOrStore(text, made); late {
		_ = made.Close()
		return found.(*sql.Stmt), nil
	}
	return made, nil
}

// rows reads all rows of a statement, each by scan.
func rows[T any](ctx context.Context, text string, scan func(*sql.Rows, *T) error, values ...any) ([]*T, error) {
	statement, err := prepared(text)
	if err != nil {
		return nil, err
	}
	found, err := statement.QueryContext(ctx, values...)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	all := []*T{}
	for found.Next() {
		one := new(T)
		if err := scan(found, one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, found.Err()
}

// many gives texts with a part repeated, each made once.
type many struct {
	before, part, after string
	bySize              sync.Map
}

func (m *many) of(size int) string {
	if text, ok := m.bySize.Load(size); ok {
		return text.(string)
	}
	text := m.before + strings.Repeat(m.part+", ", size-1) + m.part + m.after
	m.bySize.Store(size, text)
	return text
}

// key is a BINARY(16).
type key [16]byte

// Scan takes it from a row; one that is NULL stays zero.
func (k *key) Scan(value any) error {
	if bytes, ok := value.([]byte); ok {
		copy(k[:], bytes)
	}
	return nil
}

func (k key) id(kind string) id {
	var text [36]byte
	copy(text[:], kind)
	text[3] = '_'
	hex.Encode(text[4:], k[:])
	return id(text[:])
}

// id is a key as clients see it, such as pac_0197….
type id string

func (i id) key() (key, error) {
	var found key
	if len(i) != 36 {
		return found, errNotFound
	}
	_, err := hex.Decode(found[:], []byte(i[4:]))
	return found, err
}

// instant is a DATETIME as clients see it.
type instant string

// Scan takes it from a row, where the driver has it as text.
func (i *instant) Scan(value any) error {
	bytes, ok := value.([]byte)
	if !ok || len(bytes) < 19 {
		*i = ""
		return nil
	}
	var text [20]byte
	copy(text[:], bytes[:19])
	text[10], text[19] = 'T', 'Z'
	*i = instant(text[:])
	return nil
}

func (i instant) stored() string {
	return strings.Replace(strings.TrimSuffix(string(i), "Z"), "T", " ", 1)
}

type (
	date string
	cpf  string
)

func (d *date) Scan(value any) error { return scanText(d, value) }
func (c *cpf) Scan(value any) error  { return scanText(c, value) }

func scanText[T ~string](into *T, value any) error {
	bytes, _ := value.([]byte)
	*into = T(bytes)
	return nil
}

// The rows; relations are filled in by those who ask for them.
type (
	paciente struct {
		key        key
		ID         id
		Nome       string
		CPF        *cpf
		Nascimento date
	}
	profissional struct {
		key      key
		ID       id
		Nome     string
		Registro string
	}
	prontuario struct {
		consulta key
		ID       id
		CriadoEm instant
		Texto    string
	}
	consulta struct {
		key, ofPaciente, ofProfissional key
		ID                              id
		Inicio, Fim                     instant
		Situacao                        string
		Motivo                          *string
		Paciente                        *paciente
		Profissional                    *profissional
		Prontuarios                     []*prontuario
	}
)

const (
	pacienteFrom     = "SELECT p.id, e.nome, e.cpf, e.nascimento FROM paciente p JOIN pessoa e ON e.id = p.pessoa_id"
	pacienteSQL      = pacienteFrom + " WHERE p.id = ?"
	profissionalFrom = "SELECT m.id, e.nome, CONCAT(m.conselho, ' ', m.numero, '/', m.uf) FROM profissional m" +
		" JOIN pessoa e ON e.id = m.pessoa_id"
	consultaSQL = "SELECT id, paciente_id, profissional_id, inicio, fim, situacao, motivo FROM consulta"
	newest      = " ORDER BY inicio DESC, id DESC LIMIT ?"
)

var (
	pacientesSQL     = many{before: pacienteFrom + " WHERE p.id IN (", part: "?", after: ")"}
	profissionaisSQL = many{before: profissionalFrom + " WHERE m.id IN (", part: "?", after: ")"}
	prontuariosSQL   = many{
		before: "SELECT id, criado_em, texto, consulta_id FROM prontuario WHERE consulta_id IN (",
		part:   "?",
		after:  ") ORDER BY consulta_id, numero DESC",
	}
)

func scanPaciente(row *sql.Rows, p *paciente) error {
	err := row.Scan(&p.key, &p.Nome, &p.CPF, &p.Nascimento)
	p.ID = p.key.id("pac")
	return err
}

func scanProfissional(row *sql.Rows, m *profissional) error {
	err := row.Scan(&m.key, &m.Nome, &m.Registro)
	m.ID = m.key.id("prf")
	return err
}

func scanProntuario(row *sql.Rows, p *prontuario) error {
	var own key
	err := row.Scan(&own, &p.CriadoEm, &p.Texto, &p.consulta)
	p.ID = own.id("pro")
	return err
}

func scanConsulta(row *sql.Rows, c *consulta) error {
	err := row.Scan(&c.key, &c.ofPaciente, &c.ofProfissional, &c.Inicio, &c.Fim, &c.Situacao, &c.Motivo)
	c.ID = c.key.id("con")
	return err
}

func findPaciente(ctx context.Context, wanted id) (*paciente, error) {
	own, err := wanted.key()
	if err != nil {
		return nil, err
	}
	found, err := rows(ctx, pacienteSQL, scanPaciente, own[:])
	if err != nil || len(found) == 0 {
		return nil, cmp.Or(err, errNotFound)
	}
	return found[0], nil
}

func distinct(consultas []*consulta, of func(*consulta) *key) []any {
	seen := make(map[key]struct{}, len(consultas))
	keys := make([]any, 0, len(consultas))
	for _, consulta := range consultas {
		one := of(consulta)
		if _, there := seen[*one]; !there {
			seen[*one] = struct{}{}
			keys = append(keys, one[:])
		}
	}
	return keys
}

// The loaders: one statement for all consultas of a list.

func loadPacientes(ctx context.Context, consultas []*consulta) error {
	keys := distinct(consultas, func(c *consulta) *key { return &c.ofPaciente })
	found, err := rows(ctx, pacientesSQL.of(len(keys)), scanPaciente, keys...)
	byKey := make(map[key]*paciente, len(found))
	for _, one := range found {
		byKey[one.key] = one
	}
	for _, consulta := range consultas {
		consulta.Paciente = byKey[consulta.ofPaciente]
	}
	return err
}

func loadProfissionais(ctx context.Context, consultas []*consulta) error {
	keys := distinct(consultas, func(c *consulta) *key { return &c.ofProfissional })
	found, err := rows(ctx, profissionaisSQL.of(len(keys)), scanProfissional, keys...)
	byKey := make(map[key]*profissional, len(found))
	for _, one := range found {
		byKey[one.key] = one
	}
	for _, consulta := range consultas {
		consulta.Profissional = byKey[consulta.ofProfissional]
	}
	return err
}

func loadProntuarios(ctx context.Context, consultas []*consulta) error {
	keys := distinct(consultas, func(c *consulta) *key { return &c.key })
	found, err := rows(ctx, prontuariosSQL.of(len(keys)), scanProntuario, keys...)
	byKey := make(map[key][]*prontuario, len(consultas))
	for _, one := range found {
		byKey[one.consulta] = append(byKey[one.consulta], one)
	}
	for _, consulta := range consultas {
		consulta.Prontuarios = byKey[consulta.key]
	}
	return err
}

type reach struct {
	start   string
	reached *string
}

const reachOfOne = "(SELECT ? AS start, (SELECT nome_ordem FROM pessoa_inicio WHERE inicio = ?" +
	" ORDER BY nome_ordem, pessoa_id LIMIT 1 OFFSET 100) AS reached)"

// search finds pacientes along the start that reaches furthest, as the product does it.
func search(ctx context.Context, text string, first int) ([]*paciente, error) {
	starts := strings.Fields(strings.ToLower(text))
	if len(starts) == 0 {
		return []*paciente{}, nil
	}
	asked := make([]any, 0, 2*len(starts))
	for _, start := range starts {
		asked = append(asked, start, start)
	}
	union := strings.Repeat(reachOfOne+" UNION ALL ", len(starts)-1) + reachOfOne
	found, err := rows(ctx, union, func(row *sql.Rows, r *reach) error { return row.Scan(&r.start, &r.reached) }, asked...)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b *reach) int {
		switch {
		case a.reached == nil && b.reached == nil:
			return 0
		case a.reached == nil:
			return -1
		case b.reached == nil:
			return 1
		}
		return cmp.Compare(*b.reached, *a.reached)
	})
	var joins strings.Builder
	values := make([]any, 0, len(found)+1)
	for n, other := range found[1:] {
		fmt.Fprintf(&joins, " JOIN pessoa_inicio i%[1]d ON i%[1]d.inicio = ? AND i%[1]d.nome_ordem = i0.nome_ordem"+
			" AND i%[1]d.pessoa_id = i0.pessoa_id", n+1)
		values = append(values, other.start)
	}
	values = append(values, found[0].start, first)
	return rows(ctx, "SELECT STRAIGHT_JOIN p.id, e.nome, e.cpf, e.nascimento FROM pessoa_inicio i0"+joins.String()+
		" JOIN paciente p ON p.pessoa_id = i0.pessoa_id JOIN pessoa e ON e.id = p.pessoa_id"+
		" WHERE i0.inicio = ? ORDER BY i0.nome_ordem, i0.pessoa_id LIMIT ?",
		scanPaciente, values...)
}

// newKey makes a key that sorts by time.
func newKey() key {
	var made key
	binary.BigEndian.PutUint64(made[:], uint64(time.Now().UnixMilli())<<16)
	_, _ = rand.Read(made[6:])
	return made
}

// booking is what M1 asks for.
type booking struct {
	PacienteID       id      `json:"pacienteId"`
	ProfissionalID   id      `json:"profissionalId"`
	Inicio           instant `json:"inicio"`
	DuracaoEmMinutos int32   `json:"duracaoEmMinutos"`
	Motivo           *string `json:"motivo"`
}

var cellsSQL = many{before: "INSERT INTO tempo (coisa_id, celula, consulta_id) VALUES ", part: "(?, ?, ?)"}

const (
	cell      = 5 * time.Minute
	dateTime  = "2006-01-02 15:04:05"
	insertOne = "INSERT INTO consulta (id, paciente_id, profissional_id, inicio, fim, situacao, modalidade, motivo, criado_em)" +
		" VALUES (?, ?, ?, ?, ?, 'AGENDADA', 'PRESENCIAL', ?, ?)"
	insertCare = "INSERT INTO cuidado (origem_id, profissional_id, paciente_id, fonte, ate) VALUES (?, ?, ?, 'CONSULTA', ?)"
	insertStep = "INSERT INTO consulta_mudanca" +
		" (consulta_id, numero, situacao, inicio, fim, motivo, usuario_id, criado_em)" +
		" VALUES (?, 1, 'AGENDADA', ?, ?, NULL, ?, ?)"
	insertSeen = "INSERT INTO auditoria (id, instante, ato, usuario_id, papeis, paciente_id, alvo_id, campo, origem)" +
		" VALUES (?, ?, 'AGENDAR_CONSULTA', ?, 'PACIENTE', ?, ?, NULL, ?)"
)

func ignored(*sql.Rows, *struct{}) error { return nil }

// book reads and writes the same rows as the product; its rules about hours are left out.
func book(ctx context.Context, wanted booking, by string) (*consulta, error) {
	patient, err1 := wanted.PacienteID.key()
	doctor, err2 := wanted.ProfissionalID.key()
	user, err3 := id(by).key()
	begin, err4 := time.Parse(time.RFC3339, string(wanted.Inicio))
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	begin = begin.UTC()
	from := begin.Format(dateTime)
	until := begin.Add(time.Duration(wanted.DuracaoEmMinutos) * time.Minute).Format(dateTime)
	if _, err := findPaciente(ctx, wanted.PacienteID); err != nil {
		return nil, err
	}
	doctors, err := rows(ctx, profissionalFrom+" WHERE m.id = ?", ignored, doctor[:])
	if err != nil || len(doctors) == 0 {
		return nil, cmp.Or(err, errNotFound)
	}
	blocked := "SELECT id FROM bloqueio WHERE profissional_id = ? AND fim > ? AND inicio < ?"
	if _, err := rows(ctx, blocked, ignored, doctor[:], from, until); err != nil {
		return nil, err
	}
	shifts := "SELECT dia, inicio, fim FROM turno WHERE profissional_id = ? ORDER BY dia, inicio"
	if _, err := rows(ctx, shifts, ignored, doctor[:]); err != nil {
		return nil, err
	}
	made := newKey()
	count := int(wanted.DuracaoEmMinutos / 5)
	var ofProfissional, ofPaciente []any
	for n := range count {
		at := begin.Unix()/int64(cell/time.Second) + int64(n)
		ofProfissional = append(ofProfissional, doctor[:], at, made[:])
		ofPaciente = append(ofPaciente, patient[:], at, made[:])
	}
	now := time.Now().UTC().Format(dateTime + ".000")
	seen := newKey()
	err = inTransaction(ctx, []change{
		{insertOne, []any{made[:], patient[:], doctor[:], from, until, wanted.Motivo, now}},
		{insertCare, []any{made[:], doctor[:], patient[:], begin.AddDate(0, 0, 366).Format(dateTime)}},
		{cellsSQL.of(count), ofProfissional}, // in this hospital a person's key is that of their registration
		{cellsSQL.of(count), ofPaciente},
		{insertStep, []any{made[:], from, until, user[:], now}},
		{insertSeen, []any{seen[:], now, user[:], patient[:], made[:], []byte{127, 0, 0, 1}}},
	})
	if err != nil {
		return nil, err
	}
	var inicio, fim instant
	_, _ = inicio.Scan([]byte(from)), fim.Scan([]byte(until))
	return &consulta{
		key: made, ofPaciente: patient, ofProfissional: doctor,
		ID: made.id("con"), Inicio: inicio, Fim: fim, Situacao: "AGENDADA", Motivo: wanted.Motivo,
	}, nil
}

type change struct {
	text   string
	values []any
}

func inTransaction(ctx context.Context, changes []change) error {
	// Before it begins: to prepare takes a connection, and ten transactions that wait for one hold all ten.
	ready := make([]*sql.Stmt, len(changes))
	for n, one := range changes {
		statement, err := prepared(one.text)
		if err != nil {
			return err
		}
		ready[n] = statement
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing once it is committed
	for n, one := range changes {
		if _, err := tx.StmtContext(ctx, ready[n]).ExecContext(ctx, one.values...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
