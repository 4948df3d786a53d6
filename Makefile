# The commands of the house; what each does is in README.md. Steps that are up to date take no time.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench soak trace lint-fix

PORT ?= 8000
export DICOM PORT
# Every process that starts would compile all of its modules anew.
unexport PYTHONDONTWRITEBYTECODE

help:
	@echo "make demo   run the portal on http://127.0.0.1:$(PORT) (DICOM=<folder> imports it, PORT=<port>)"
	@echo "make test   everything that CI runs"
	@echo "make check  fast checks | make lint-fix  format and mend what tools can"
	@echo "make bench  measurements | make soak  full counts | make trace  requirements against tests"

setup:
	@tooling/python.sh
	@tooling/frontend.sh
	@tooling/translations.sh

demo: setup
	@exec .venv/bin/python manage.py demo --port "$$PORT" --dicom "$$DICOM"

test: setup
	@tooling/browser.sh
	@tooling/judges.sh
	@tooling/test.sh

check: setup
	@tooling/check.sh

soak: setup
	@tooling/browser.sh
	@tooling/soak.sh

# Not in here, because it takes half an hour and 60 GB of disk: a group of 50 sites, `python -m tooling.bench.capacity`.
bench: setup
	@tooling/browser.sh
	@tooling/judges.sh
	@.venv/bin/python -m tooling.bench
	@.venv/bin/python -m tooling.bench.flat
	@.venv/bin/python -m tooling.bench.compliance
	@.venv/bin/python -m tooling.bench.vault
	@.venv/bin/python -m tooling.bench.audit
	@.venv/bin/python -m tooling.bench.retention
	@.venv/bin/python -m tooling.bench.inference
	@.venv/bin/python -m tooling.bench.foreign

trace: setup
	@exec .venv/bin/python -m tooling.trace

lint-fix: setup
	@tooling/lint_fix.sh
