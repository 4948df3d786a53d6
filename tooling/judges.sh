#!/bin/sh
# Installs the programs of others that judge ours, where they lack and it may; their tests say so when there are none.
set -eu
cd "$(dirname "$0")/.."

# The version that its test was written for; what it is stays out of the repository.
OHIF=3.12.10

install_ohif() {
    [ -f "build/ohif/$OHIF" ] && return 0
    command -v npm >/dev/null || return 1
    echo "Installing OHIF $OHIF"
    rm -rf build/ohif && mkdir -p build/ohif
    (cd build/ohif && npm pack --silent "@ohif/app@$OHIF" >/dev/null 2>&1) || return 1
    tar -xzf build/ohif/*.tgz -C build/ohif --strip-components=1 --exclude '*.map' package/dist || return 1
    rm build/ohif/*.tgz
    touch "build/ohif/$OHIF"
}

install_ohif || echo "OHIF could not be installed by npm: its test will be skipped" >&2
command -v dcmdump >/dev/null && command -v dciodvfy >/dev/null && command -v genisoimage >/dev/null &&
    { command -v Orthanc || [ -x /usr/sbin/Orthanc ]; } >/dev/null && [ -f /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing dcmtk, dicom3tools, genisoimage and Orthanc with DICOMweb"
    apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends dcmtk dicom3tools genisoimage orthanc orthanc-dicomweb >/dev/null && exit 0
fi
echo "No dcmtk, dicom3tools, genisoimage or Orthanc and no right to install them: their tests will be skipped. On Debian: apt-get install dcmtk dicom3tools genisoimage orthanc orthanc-dicomweb" >&2
