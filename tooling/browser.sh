#!/bin/sh
# Installs Debian's Chromium and SoftHSM where they lack and it may; the tests that need them say so when they are not there.
set -eu
if ! command -v softhsm2-util >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing SoftHSM"
    apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends softhsm2 >/dev/null ||
        echo "SoftHSM could not be installed: its tests will be skipped" >&2
fi
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v $name >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium"
    apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-liberation >/dev/null && exit 0
fi
echo "No browser and no right to install one: the end-to-end tests will be skipped. On Debian: apt-get install chromium" >&2
