#!/bin/sh
# Everything that CI runs: the fast checks, then every test on SQLite and on PostgreSQL.
set -u
cd "$(dirname "$0")/.."
. tooling/steps.sh
rm -f build/junit/*.xml

front_end() { (cd frontend && npm run --silent test -- --reporter=default --reporter=junit --outputFile.junit=../build/junit/frontend.xml); }
suite="python -m pytest -q -n ${TEST_PROCESSES:-2} --dist loadgroup"

step "checks" tooling/check.sh
step "front-end tests" front_end
step "tests on SQLite" $suite --junit-xml=build/junit/sqlite.xml
# What the database itself decides; the whole suite on PostgreSQL: `python -m tests.servers.postgres -- python -m pytest`.
on_postgresql="tests/accounts tests/audit tests/outbox tests/common/test_scope.py tests/contracts/test_database_roles.py tests/pacs/intake"
step "tests on PostgreSQL" python -m tests.servers.postgres -- $suite $on_postgresql --junit-xml=build/junit/postgresql.xml
finish
