//go:debug default=go1.27

// The peer in Go, one program: /graphql by graph-gophers/graphql-go, the other paths by hand (net/http, encoding/json).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

var errNotFound = errors.New("not found")

var (
	secret = []byte(os.Getenv("SECRET"))
	parser = jwt.NewParser(
		jwt.WithValidMethods([]string{"HS256"}),
		jwt.WithIssuer(os.Getenv("ISSUER")),
		jwt.WithAudience(os.Getenv("AUDIENCE")),
		jwt.WithExpirationRequired(),
	)
)

func theSecret(*jwt.Token) (any, error) { return secret, nil }

// verify gives who a token is of.
func verify(header string) (string, error) {
	token, found := strings.CutPrefix(header, "Bearer ")
	if !found {
		return "", errors.New("no token")
	}
	var claims jwt.RegisteredClaims
	_, err := parser.ParseWithClaims(token, &claims, theSecret)
	return claims.Subject, err
}

type userKey struct{}

// known lets only those through whose token is good.
func known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, err := verify(r.Header.Get("Authorization"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		// A statement doesn't end when its client goes away: no other peer's does, and watching for it costs.
		ctx := context.WithValue(context.WithoutCancel(r.Context()), userKey{}, user)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func write(w http.ResponseWriter, parts ...[]byte) {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(size))
	for _, part := range parts {
		_, _ = w.Write(part)
	}
}

// answering makes a route of a function that gives what to write as JSON.
func answering[T any](answer func(*http.Request) (T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		found, err := answer(r)
		if errors.Is(err, errNotFound) {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		var body []byte
		if err == nil {
			body, err = json.Marshal(found)
		}
		if err != nil {
			log.Print(err)
			http.Error(w, "error", http.StatusInternalServerError)
			return
		}
		write(w, body)
	}
}

func main() {
	routes := http.NewServeMux()
	routes.HandleFunc("POST /graphql", graphqlHandler)
	routes.Handle("GET /q1/{id}", answering(q1))
	routes.Handle("GET /q2/{id}", answering(q2))
	routes.Handle("GET /q3/{id}", answering(q3))
	routes.Handle("POST /m1", answering(m1))
	routes.Handle("GET /s1/{busca}", answering(s1))
	routes.Handle("GET /l1/{ate}", answering(l1))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), known(routes)))
}
