#!/bin/sh
# Full counts of the fault, load and mutation tests, on both databases.
set -u
cd "$(dirname "$0")/.."
. tooling/steps.sh

suite="python -m pytest -q -n ${TEST_PROCESSES:-2} --dist loadgroup --soak --timeout 7200"
step "soak on SQLite" $suite --junit-xml=build/junit/soak-sqlite.xml
step "soak on PostgreSQL" python -m tests.servers.postgres -- $suite --junit-xml=build/junit/soak-postgresql.xml
finish
