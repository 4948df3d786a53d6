#!/bin/sh
# Makes .venv from the hashed locks; does nothing when they have not changed.
set -eu
cd "$(dirname "$0")/.."
lock=$(cat requirements/bootstrap.txt requirements/dev.txt | sha256sum)
stamp=.venv/.requirements
[ "$(cat $stamp 2>/dev/null)" = "$lock" ] && exit 0

for name in python3.11 python3.12 python3.13 python3; do
    if command -v $name >/dev/null && $name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
[ "${python:-}" ] || { echo "Python 3.11 or later is needed; on Debian: apt-get install python3 python3-venv" >&2; exit 1; }

if ! [ -x .venv/bin/python ]; then
    echo "Making .venv with $($python --version)"
    if ! $python -c 'import ensurepip' 2>/dev/null; then
        # Debian splits the module off.
        [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "$python lacks venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends python3-venv >/dev/null
    fi
    $python -m venv .venv
fi

echo "Installing Python packages"
pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip --quiet"
# uv reads neither pip's configuration nor the system's certificates by itself: both matter behind a mirror.
mirror=$($pip config list | sed -n "s/^[^=]*\.index-url='\(.*\)'$/\1/p" | head -n 1)
export UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true ${mirror:+UV_DEFAULT_INDEX="$mirror"}
if $pip install --require-hashes -r requirements/bootstrap.txt &&
    .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r requirements/dev.txt; then
    :
else
    echo "uv cannot reach the packages here; pip installs them (slower)"
    $pip install --require-hashes -r requirements/dev.txt
fi
echo "$lock" > $stamp
