#!/usr/bin/env bash
# Installs and starts a real Gradio server of any generation. See README.md.
#
#   serve.sh VERSION PORT [ROOT_PATH]     installs it if necessary, starts it, prints `ready URL`; exits with 0 on SIGTERM
#   serve.sh install VERSION…             installs only
#
# Environment, all optional:
#   GRADIO_SERVERS      folder of the installed versions    (default: .tools/gradio-servers)
#   GRADIO_SERVER_APP   app, login or mount                 (default: app)
#   PYTHON              a Python 3.11                       (default: python3.11, else python3)
#   UV                  the uv program                      (default: the one in .tools, else uv on the PATH)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd "$here/../.." && pwd)/.tools
servers=${GRADIO_SERVERS:-$tools/gradio-servers}
export UV_PYTHON_DOWNLOADS=never

fail() { echo "serve.sh: $*" >&2; exit 2; }

find_python() {
  local python
  for python in "${PYTHON:-}" python3.11 python3; do
    [ -n "$python" ] || continue
    if "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
      command -v "$python"
      return
    fi
  done
  fail "Python 3.11 not found. Install it, or set PYTHON to its path."
}

find_uv() {
  for uv in "${UV:-}" "$tools/uv/bin/uv"; do
    [ -x "$uv" ] && { echo "$uv"; return; }
  done
  command -v uv || fail "uv not found. Run the tests once, which install it, or set UV to its path."
}

# Prints the pinned packages of a file without their hashes.
versions_of() { grep -oE '^[^ #]+==[^ ;\\]+' "$1" 2>/dev/null | tr '[:upper:]' '[:lower:]' | sort; }

# A version is complete if its venv contains the requirements that it was installed from.
install() {
  local version=$1 venv=$servers/$1 pins=$here/requirements/$1.txt python uv
  [ -f "$pins" ] || fail "no requirements/$version.txt; available: $(tr '\n' ' ' < "$here/all.txt")"
  [ "$(versions_of "$pins")" = "$(versions_of "$venv/requirements.txt")" ] && return
  python=$(find_python)
  uv=$(find_uv)
  echo "installing Gradio $version" >&2
  mkdir -p "$servers"
  "$uv" venv --quiet --clear --python "$python" "$venv" >&2
  "$uv" pip sync --quiet --require-hashes --python "$venv/bin/python" "$pins" >&2
  cp "$pins" "$venv/requirements.txt"
}

if [ "${1:-}" = install ]; then
  shift
  for version; do install "$version"; done
  exit
fi

[ $# -ge 2 ] && [ $# -le 3 ] || fail "usage: serve.sh VERSION PORT [ROOT_PATH] | serve.sh install VERSION…"
app=$here/${GRADIO_SERVER_APP:-app}.py
[ -f "$app" ] || fail "GRADIO_SERVER_APP must be app, login or mount"
install "$1"

# No analytics, no requests for fonts or models, no proxy for the loopback address.
export GRADIO_ANALYTICS_ENABLED=False HF_HUB_OFFLINE=1 HF_HUB_DISABLE_TELEMETRY=1 DO_NOT_TRACK=1
export PYTHONPYCACHEPREFIX=$servers/$1/pycache PYTHONUNBUFFERED=1 PYTHONWARNINGS=${PYTHONWARNINGS:-ignore} MPLBACKEND=Agg
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
unset GRADIO_SERVER_PORT GRADIO_SERVER_NAME GRADIO_ROOT_PATH GRADIO_SHARE

# exec: the process that the caller started becomes the server, so signals reach it directly.
exec "$servers/$1/bin/python" "$app" --port "$2" ${3:+--root-path "$3"}
