#!/bin/sh
# Full counts of the fault, load and mutation tests, on both databases.
set -u
cd "$(dirname "$0")/.."
. tooling/steps.sh

suite="python -m pytest -q -n ${TEST_PROCESSES:-2} --dist loadgroup --soak --timeout 7200"
step "soak on SQLite and files" $suite --junit-xml=build/junit/soak-embedded.xml
step "soak on PostgreSQL, Redis and S3" python -m tests.servers -- $suite --junit-xml=build/junit/soak-servers.xml
finish
