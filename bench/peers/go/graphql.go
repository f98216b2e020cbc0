package main

// The part of the product's schema that is measured. A list's relations are loaded with it, a statement for each that
// the operation selects (the library's "prefetch"), so that no field below it needs a goroutine.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/graph-gophers/graphql-go"
)

var schema = graphql.MustParseSchema(readSchema(), &resolver{}, graphql.UseFieldResolvers())

func readSchema() string {
	text, err := os.ReadFile("../hospital.graphql")
	if err != nil {
		log.Fatal(err)
	}
	return string(text)
}

func text(input any) (string, error) {
	if found, ok := input.(string); ok {
		return found, nil
	}
	return "", fmt.Errorf("not a text: %v", input)
}

// The scalars: texts, each by its name.

func (id) ImplementsGraphQLType(name string) bool      { return name == "ID" }
func (instant) ImplementsGraphQLType(name string) bool { return name == "DateTime" }
func (date) ImplementsGraphQLType(name string) bool    { return name == "Date" }
func (cpf) ImplementsGraphQLType(name string) bool     { return name == "CPF" }

func set[T ~string](into *T, input any) error {
	found, err := text(input)
	*into = T(found)
	return err
}

func (i *id) UnmarshalGraphQL(input any) error      { return set(i, input) }
func (i *instant) UnmarshalGraphQL(input any) error { return set(i, input) }
func (d *date) UnmarshalGraphQL(input any) error    { return set(d, input) }
func (c *cpf) UnmarshalGraphQL(input any) error     { return set(c, input) }

type (
	edge[T any]       struct{ Node *T }
	connection[T any] struct{ Edges []edge[T] }
	filtro            struct {
		PacienteID, ProfissionalID *id
		Ate                        *instant
	}
	erroDeUsuario   struct{ Codigo, Mensagem string }
	consultaPayload struct {
		Consulta *consulta
		Erros    []erroDeUsuario
	}
)

func page[T any](found []*T, err error) (*connection[T], error) {
	edges := make([]edge[T], len(found))
	for n, one := range found {
		edges[n].Node = one
	}
	return &connection[T]{edges}, err
}

type resolver struct{}

func (*resolver) Paciente(ctx context.Context, args struct{ ID id }) (*paciente, error) {
	found, err := findPaciente(ctx, args.ID)
	if errors.Is(err, errNotFound) {
		return nil, nil
	}
	return found, err
}

func (*resolver) Pacientes(ctx context.Context, args struct {
	Busca *string
	First *int32
},
) (*connection[paciente], error) {
	if args.Busca == nil || args.First == nil {
		return nil, errors.New("busca e first")
	}
	return page(search(ctx, *args.Busca, int(*args.First)))
}

func (*resolver) Consultas(ctx context.Context, args struct {
	Filtro *filtro
	First  *int32
},
) (*connection[consulta], error) {
	if args.Filtro == nil || args.First == nil {
		return nil, errors.New("filtro e first")
	}
	found, err := findConsultas(ctx, args.Filtro, *args.First)
	if err == nil {
		err = related(ctx, "edges.node.", found)
	}
	return page(found, err)
}

func (*resolver) AgendarConsulta(ctx context.Context, args struct{ Input booking }) (*consultaPayload, error) {
	made, err := book(ctx, args.Input, ctx.Value(userKey{}).(string))
	if err != nil {
		return nil, err
	}
	return &consultaPayload{Consulta: made, Erros: []erroDeUsuario{}}, related(ctx, "consulta.", []*consulta{made})
}

func findConsultas(ctx context.Context, by *filtro, first int32) ([]*consulta, error) {
	switch {
	case by.PacienteID != nil:
		own, err := by.PacienteID.key()
		if err != nil {
			return nil, err
		}
		return rows(ctx, consultaSQL+" WHERE paciente_id = ?"+newest, scanConsulta, own[:], first)
	case by.ProfissionalID != nil:
		own, err := by.ProfissionalID.key()
		if err != nil {
			return nil, err
		}
		return rows(ctx, consultaSQL+" WHERE profissional_id = ?"+newest, scanConsulta, own[:], first)
	case by.Ate != nil:
		return rows(ctx, consultaSQL+" WHERE inicio < ?"+newest, scanConsulta, by.Ate.stored(), first)
	}
	return rows(ctx, consultaSQL+newest, scanConsulta, first)
}

var relations = map[string]func(context.Context, []*consulta) error{
	"paciente":     loadPacientes,
	"profissional": loadProfissionais,
	"prontuarios":  loadProntuarios,
}

// related fills in the relations that the operation selects, side by side.
func related(ctx context.Context, path string, consultas []*consulta) error {
	if len(consultas) == 0 {
		return nil
	}
	var all sync.WaitGroup
	errs := make([]error, 0, len(relations))
	for name, load := range relations {
		if graphql.HasSelectedField(ctx, path+name) {
			errs = append(errs, nil)
			mine := &errs[len(errs)-1]
			all.Go(func() { *mine = load(ctx, consultas) })
		}
	}
	all.Wait()
	return errors.Join(errs...)
}

var before, after = []byte(`{"data":`), []byte("}")

func graphqlHandler(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := schema.Exec(r.Context(), asked.Query, asked.OperationName, asked.Variables)
	if len(answer.Errors) == 0 { // its data are JSON already: json.Marshal of the whole would only read them again
		write(w, before, answer.Data, after)
		return
	}
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	write(w, body)
}
