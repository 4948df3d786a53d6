#!/bin/sh
# Installs Debian's Chromium where there is no browser and it may; the end-to-end tests say so when there is none.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v $name >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium"
    apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-liberation >/dev/null && exit 0
fi
echo "No browser and no right to install one: the end-to-end tests will be skipped. On Debian: apt-get install chromium" >&2
