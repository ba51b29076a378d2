#!/usr/bin/env bash
# Make a virtual environment, or say what is missing. Usage: make_venv.sh PYTHON FOLDER
set -euo pipefail
python=$1
folder=$2

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

command -v "$python" >/dev/null ||
    fail "there is no $python. Install Python 3.11, 3.12 or 3.13, or name one: make PYTHON=python3.12"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
case $version in
    3.11 | 3.12 | 3.13) ;;
    *) fail "$python is Python $version; 3.11, 3.12 or 3.13 is needed. Name one: make PYTHON=python3.12" ;;
esac
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python cannot make virtual environments. On Debian and Ubuntu: apt install python$version-venv"
# A half-made environment would be taken for a whole one by the next call.
"$python" -m venv "$folder" || {
    rm -rf "$folder"
    fail "$python -m venv $folder failed, see above"
}
