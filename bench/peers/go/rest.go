package main

// Without GraphQL: a route for each question, and one joined statement where one is enough.

import (
	"database/sql"
	"encoding/json"
	"net/http"
)

type (
	person struct {
		ID         id     `json:"id"`
		Nome       string `json:"nome"`
		CPF        *cpf   `json:"cpf"`
		Nascimento date   `json:"nascimento"`
	}
	named struct {
		ID   id     `json:"id"`
		Nome string `json:"nome"`
	}
	booked struct {
		ID       id      `json:"id"`
		Inicio   instant `json:"inicio"`
		Fim      instant `json:"fim"`
		Situacao string  `json:"situacao"`
		Motivo   *string `json:"motivo"`
	}
	rowOfQ2 struct {
		booked
		Profissional struct {
			named
			Registro string `json:"registro"`
		} `json:"profissional"`
	}
	record struct {
		ID       id      `json:"id"`
		CriadoEm instant `json:"criadoEm"`
		Texto    string  `json:"texto"`
	}
	rowOfQ3 struct {
		ID       id      `json:"id"`
		Inicio   instant `json:"inicio"`
		Situacao string  `json:"situacao"`
		Paciente struct {
			named
			CPF *cpf `json:"cpf"`
		} `json:"paciente"`
		Profissional named    `json:"profissional"`
		Prontuarios  []record `json:"prontuarios"`
	}
	rowOfL1 struct {
		ID           id      `json:"id"`
		Inicio       instant `json:"inicio"`
		Fim          instant `json:"fim"`
		Situacao     string  `json:"situacao"`
		Paciente     named   `json:"paciente"`
		Profissional named   `json:"profissional"`
	}
)

func personOf(p *paciente) person { return person{p.ID, p.Nome, p.CPF, p.Nascimento} }

func q1(r *http.Request) (person, error) {
	found, err := findPaciente(r.Context(), id(r.PathValue("id")))
	if err != nil {
		return person{}, err
	}
	return personOf(found), nil
}

const q2SQL = `SELECT c.id, c.inicio, c.fim, c.situacao, c.motivo, m.id, n.nome,
    CONCAT(m.conselho, ' ', m.numero, '/', m.uf)
  FROM consulta c JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id
  WHERE c.paciente_id = ? ORDER BY c.inicio DESC, c.id DESC LIMIT 20`

func q2(r *http.Request) ([]*rowOfQ2, error) {
	wanted, err := id(r.PathValue("id")).key()
	if err != nil {
		return nil, err
	}
	return rows(r.Context(), q2SQL, func(row *sql.Rows, c *rowOfQ2) error {
		var own, profissional key
		err := row.Scan(&own, &c.Inicio, &c.Fim, &c.Situacao, &c.Motivo, &profissional, &c.Profissional.Nome, &c.Profissional.Registro)
		c.ID, c.Profissional.ID = own.id("con"), profissional.id("prf")
		return err
	}, wanted[:])
}

const q3SQL = `SELECT c.id, c.inicio, c.situacao, p.id, e.nome, e.cpf, m.id, n.nome, r.id, r.criado_em, r.texto
  FROM (SELECT id, inicio, situacao, paciente_id, profissional_id FROM consulta
    WHERE profissional_id = ? ORDER BY inicio DESC, id DESC LIMIT 50) c
  JOIN paciente p ON p.id = c.paciente_id JOIN pessoa e ON e.id = p.pessoa_id
  JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id
  LEFT JOIN prontuario r ON r.consulta_id = c.id ORDER BY c.inicio DESC, c.id DESC, r.numero DESC`

func q3(r *http.Request) ([]*rowOfQ3, error) {
	wanted, err := id(r.PathValue("id")).key()
	if err != nil {
		return nil, err
	}
	statement, err := prepared(q3SQL)
	if err != nil {
		return nil, err
	}
	found, err := statement.QueryContext(r.Context(), wanted[:])
	if err != nil {
		return nil, err
	}
	defer found.Close()
	answer := []*rowOfQ3{}
	var last key
	for found.Next() {
		var (
			own, paciente, profissional, prontuario key
			c                                       rowOfQ3
			made                                    instant
			texto                                   sql.NullString
		)
		if err := found.Scan(&own, &c.Inicio, &c.Situacao, &paciente, &c.Paciente.Nome, &c.Paciente.CPF,
			&profissional, &c.Profissional.Nome, &prontuario, &made, &texto); err != nil {
			return nil, err
		}
		if own != last || len(answer) == 0 {
			last = own
			c.ID, c.Paciente.ID, c.Profissional.ID = own.id("con"), paciente.id("pac"), profissional.id("prf")
			c.Prontuarios = []record{}
			answer = append(answer, &c)
		}
		if texto.Valid {
			one := answer[len(answer)-1]
			one.Prontuarios = append(one.Prontuarios, record{prontuario.id("pro"), made, texto.String})
		}
	}
	return answer, found.Err()
}

func m1(r *http.Request) (*booked, error) {
	var wanted booking
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		return nil, err
	}
	made, err := book(r.Context(), wanted, r.Context().Value(userKey{}).(string))
	if err != nil {
		return nil, err
	}
	return &booked{made.ID, made.Inicio, made.Fim, made.Situacao, made.Motivo}, nil
}

func s1(r *http.Request) ([]person, error) {
	found, err := search(r.Context(), r.PathValue("busca"), 20)
	answer := make([]person, len(found))
	for n, one := range found {
		answer[n] = personOf(one)
	}
	return answer, err
}

const l1SQL = `SELECT c.id, c.inicio, c.fim, c.situacao, p.id, e.nome, m.id, n.nome
  FROM (SELECT * FROM consulta WHERE inicio < ? ORDER BY inicio DESC, id DESC LIMIT 100) c
  JOIN paciente p ON p.id = c.paciente_id JOIN pessoa e ON e.id = p.pessoa_id
  JOIN profissional m ON m.id = c.profissional_id JOIN pessoa n ON n.id = m.pessoa_id ORDER BY c.inicio DESC, c.id DESC`

func l1(r *http.Request) ([]*rowOfL1, error) {
	return rows(r.Context(), l1SQL, func(row *sql.Rows, c *rowOfL1) error {
		var own, paciente, profissional key
		err := row.Scan(&own, &c.Inicio, &c.Fim, &c.Situacao, &paciente, &c.Paciente.Nome, &profissional, &c.Profissional.Nome)
		c.ID, c.Paciente.ID, c.Profissional.ID = own.id("con"), paciente.id("pac"), profissional.id("prf")
		return err
	}, instant(r.PathValue("ate")).stored())
}
