#!/bin/sh
# Compiles the catalogues of translations; does nothing when none has changed.
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/python -m tooling.translations
