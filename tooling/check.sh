#!/bin/sh
# Fast checks that need no server.
set -u
cd "$(dirname "$0")/.."
. tooling/steps.sh

front_end() { (cd frontend && npm run --silent check); }
deployment() {
    BITEWING_SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(64))') BITEWING_BASE_URL=https://images.example.org \
        BITEWING_DATABASE_URL=sqlite:///build/check.sqlite3 BITEWING_STORAGE_URL=file:///nonexistent/objects \
        BITEWING_KEYRING_URL=file:///nonexistent/keyring BITEWING_ROOT_KEY_URL=file:/nonexistent/root.key \
        BITEWING_EMAIL_URL=smtp://mail.example.org BITEWING_DATA_DIR=build/check \
        python manage.py check --deploy --fail-level WARNING --settings config.settings.prod
}

step "ruff format" ruff format --check --output-format concise .
step "ruff check" ruff check --output-format concise .
step "layers" lint-imports --no-logo
step "types" mypy
step "templates" djangofmt --check --quiet templates
step "spelling" typos --config .typos.toml
step "dependencies" deptry .
step "bandit" bandit --quiet --recursive --configfile pyproject.toml accounts audit common compliance config inference outbox pacs sharing vault
step "migrations" python manage.py makemigrations --check --dry-run --settings config.settings.test
step "deployment" deployment
step "front end" front_end
finish
