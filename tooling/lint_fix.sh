#!/bin/sh
# Formats everything and mends what the tools can mend.
set -u
cd "$(dirname "$0")/.."
. tooling/steps.sh

front_end() { (cd frontend && npm run --silent format); }
step "ruff check" ruff check --fix --quiet .
step "ruff format" ruff format --quiet .
step "templates" djangofmt --quiet templates
step "front end" front_end
finish
