#!/bin/sh
# Installs Debian's DICOM programs that judge ours, where they lack and it may; their tests say so when there are none.
set -eu
command -v dcmdump >/dev/null && { command -v Orthanc || [ -x /usr/sbin/Orthanc ]; } >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing dcmtk and orthanc"
    apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends dcmtk orthanc >/dev/null && exit 0
fi
echo "No dcmtk or Orthanc and no right to install them: their tests will be skipped. On Debian: apt-get install dcmtk orthanc" >&2
