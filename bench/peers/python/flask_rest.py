"""The old backend's shape: Flask, mysql.connector, a connection for each request."""

from typing import Any

import mysql.connector
from flask import Flask, jsonify, request
from hospital import (
    CONNECTION,
    DATABASE,
    L1,
    PACIENTE,
    Q2,
    Q3,
    Booking,
    key,
    of_l1,
    of_q2,
    of_q3,
    person,
    reach_of,
    search_of,
    stored,
    verify,
)

app = Flask(__name__)
app.json.sort_keys = False


def connect() -> Any:
    return mysql.connector.connect(**CONNECTION, database=DATABASE)


def authorized() -> dict[str, Any]:
    return verify(request.headers["Authorization"])


def rows(cursor: Any, sql: str, parameters: Any) -> list[Any]:
    cursor.execute(sql, parameters)
    return [tuple(bytes(v) if isinstance(v, bytearray) else v for v in row) for row in cursor.fetchall()]


def ask(sql: str, parameters: Any) -> list[Any]:
    authorized()
    connection = connect()
    cursor = connection.cursor()
    found = rows(cursor, sql, parameters)
    cursor.close()
    connection.close()
    return found


@app.get("/q1/<id>")
def q1(id: str) -> Any:
    return jsonify(person(ask(PACIENTE, [key(id)])[0]))


@app.get("/q2/<id>")
def q2(id: str) -> Any:
    return jsonify(of_q2(ask(Q2, [key(id)])))


@app.get("/q3/<id>")
def q3(id: str) -> Any:
    return jsonify(of_q3(ask(Q3, [key(id)])))


@app.get("/l1/<until>")
def l1(until: str) -> Any:
    return jsonify(of_l1(ask(L1, [stored(until)])))


@app.get("/s1/<text>")
def s1(text: str) -> Any:
    authorized()
    connection = connect()
    cursor = connection.cursor()
    starts, sql = reach_of(text)
    reached = rows(cursor, sql, [value for start in starts for value in (start, start)])
    found = rows(cursor, *search_of(reached))
    cursor.close()
    connection.close()
    return jsonify([person(row) for row in found])


@app.post("/m1")
def m1() -> Any:
    booking = Booking(request.get_json(), authorized()["sub"])
    connection = connect()
    cursor = connection.cursor()
    for sql, parameters in booking.reads():
        rows(cursor, sql, parameters)
    for sql, parameters in booking.writes():
        cursor.execute(sql, parameters)
    connection.commit()
    cursor.close()
    connection.close()
    return jsonify(booking.answer())
