"""The floor: as little as a page, a form and a kept answer can cost with Flask, Jinja and one durable insert.

`serve` is what a server runs; BENCH_DATABASE names the database that answers are put into.
"""

import os
import sqlite3
import threading

import psycopg
from flask import Flask, redirect, render_template, request
from jinja2 import DictLoader

from app.config import ROOT
from app.core.languages import Language
from app.store.instruments import read_questionnaire_file

PAGE = """<!doctype html><html lang="fi"><title>{{ title }}</title><body><h1>{{ title }}</h1>
<form id="answers" method="post" action="/answer">
{% for item in items %}<fieldset><legend>{{ item.text.in_language(language) }}</legend>
{% for option in item.options %}<label><input type="radio" name="{{ item.id }}" value="{{ option.value }}">
{{ option.label.in_language(language) }}</label>{% endfor %}</fieldset>{% endfor %}
<button>Continue</button></form></body></html>"""
PUT = "INSERT INTO answer (sheet) VALUES ({})"
_own = threading.local()


def floor_app(put):
    """Return an application with a page of each theme, and a form whose answer is `put` away."""
    app = Flask("floor")
    app.jinja_loader = DictLoader({"page.html": PAGE})
    instrument = read_questionnaire_file(ROOT / "surveys" / "wellbeing.toml")
    pages = [[instrument.item(name) for name in theme.items] for theme in instrument.themes]

    @app.route("/page/<int:number>", methods=["GET", "POST"])
    def page(number):
        items = pages[number] if number < len(pages) else ()
        return render_template("page.html", title="Title", items=items, language=Language.FI)

    @app.post("/send")
    def send():
        put(request.form["sheet"].encode())
        return redirect("/page/0", 303)

    return app


def put_into(url):
    """Return what puts one answer durably into the database at `url`, a connection for each thread."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        return lambda sheet: _sqlite(path).execute(PUT.format("?"), (sheet,))
    address = url.replace("+psycopg", "")
    return lambda sheet: _postgresql(address).execute(PUT.format("%s"), (sheet,))


def serve():
    """Return the floor for a server."""
    return floor_app(put_into(os.environ["BENCH_DATABASE"]))


def make_table(url):
    """Make the table that the floor's answers go into."""
    if url.startswith("sqlite"):
        _sqlite(url.removeprefix("sqlite:///")).execute("CREATE TABLE answer (id INTEGER PRIMARY KEY, sheet BLOB)")
        return
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE answer (id SERIAL PRIMARY KEY, sheet BYTEA)")


def _sqlite(path):
    if getattr(_own, "path", None) != path:
        _own.path = path
        _own.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        _own.connection.execute("PRAGMA journal_mode=WAL")
        _own.connection.execute("PRAGMA synchronous=FULL")
    return _own.connection


def _postgresql(address):
    if getattr(_own, "path", None) != address:
        _own.path = address
        _own.connection = psycopg.connect(address, autocommit=True)
    return _own.connection
