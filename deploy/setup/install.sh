#!/usr/bin/env bash
# Installs what Sealcast needs on Debian 12: system packages, a virtual environment with hash-pinned
# dependencies, and the built player. Safe to run again: what is there is left alone.
#
#   deploy/setup/install.sh base    to run it       deploy/setup/install.sh dev    to work on it
set -euo pipefail
cd "$(dirname "$0")/../.."

group=${1:-base}
case "$group" in base | dev) ;; *) echo "usage: install.sh base|dev" >&2; exit 2 ;; esac

say() { printf '\033[1m▸ %s\033[0m\n' "$*"; }

packages=(ffmpeg bubblewrap radosgw ceph-mon ceph-osd ceph-common)
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
# The browser tests play the published video in a real browser.
[ "$group" = dev ] && packages+=(chromium)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These Debian packages are missing: ${missing[*]}" >&2
            echo "Ask an administrator to run: apt-get install --no-install-recommends ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    say "installing Debian packages: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ ! -x .venv/bin/python ]; then
    say "creating .venv"
    python3 -m venv .venv
fi
# The stamp holds what was installed, so that an unchanged lock file costs nothing.
want=$(cat "requirements/$group.txt" pyproject.toml | sha256sum | cut -d' ' -f1)
stamp=.venv/.installed-$group
if [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
    say "installing Python packages (requirements/$group.txt, checked by hash)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$group.txt"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    echo "$want" >"$stamp"
fi

web/build.sh
say "ready; try: make demo"
