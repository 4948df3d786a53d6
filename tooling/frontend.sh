#!/bin/sh
# Installs the front end's packages and builds static/build; does nothing when neither lock nor sources have changed.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
# Behind a mirror the system knows the certificate and Node does not.
export NODE_USE_SYSTEM_CA=1
[ -f frontend/package-lock.json ] || exit 0

lock=$(cat frontend/package-lock.json frontend/.npmrc | sha256sum)
if [ "$(cat frontend/node_modules/.lock-sum 2>/dev/null)" != "$lock" ]; then
    echo "Installing front-end packages"
    (cd frontend && npm ci --no-audit --no-fund --loglevel=error)
    echo "$lock" > frontend/node_modules/.lock-sum
fi

# The style sheet holds the classes that the templates use.
sources=$(find frontend/src frontend/*.json frontend/*.ts static/css templates -type f | LC_ALL=C sort | xargs sha256sum | sha256sum)
if ! [ -d static/build ] || [ "$(cat build/frontend-sum 2>/dev/null)" != "$sources" ]; then
    echo "Building the front end"
    (cd frontend && npm run --silent build -- --logLevel warn)
    mkdir -p build
    echo "$sources" > build/frontend-sum
fi
