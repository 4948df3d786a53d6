#!/bin/sh
# Everything that CI runs: every test on embedded defaults and on real servers, and the fast checks beside them.
set -u
cd "$(dirname "$0")/.."
. tooling/steps.sh
rm -f build/junit/*.xml

front_end() { (cd frontend && npm run --silent test -- --reporter=default --reporter=junit --outputFile.junit=../build/junit/frontend.xml); }
# Stories wait for browsers and servers a third of their time: three processes keep two cores at work.
suite="python -m pytest -q -n ${TEST_PROCESSES:-3} --dist loadgroup"

# One core's work: the tests have the other, and both after it.
tooling/check.sh >build/checks.log 2>&1 &
checking=$!
checks() { wait $checking && result=0 || result=$?; cat build/checks.log; return $result; }

step "front-end tests" front_end
step "tests on SQLite and files" $suite --junit-xml=build/junit/embedded.xml
step "checks, beside them" checks
# What has been seen to pass there from end to end; the rest: `python -m tests.servers -- python -m pytest`.
on_servers="tests/contracts/test_database_roles.py tests/contracts/test_queries.py tests/common tests/audit tests/outbox tests/accounts tests/sharing
    tests/vault tests/pacs/intake tests/pacs/services tests/pacs/dicomweb tests/pacs/viewer tests/pacs/views
    tests/pacs/appointments tests/pacs/changes tests/pacs/dimse/test_schedule.py tests/pacs/test_settling_locks.py tests/pacs/test_deciding_locks.py
    tests/config/test_backup_servers.py::test_what_was_destroyed_stays_so_whatever_is_restored
    tests/compliance/retention tests/compliance/vendors tests/compliance/test_two_at_once.py tests/inference/test_runs.py tests/isolation
    tests/hostile/test_faults.py tests/hostile/test_workers.py
    tests/hostile/test_analyses.py::test_analyses_that_redis_forgets_have_one_result_all_the_same"
step "tests on PostgreSQL, Redis and S3" python -m tests.servers -- $suite $on_servers --junit-xml=build/junit/servers.xml
finish
