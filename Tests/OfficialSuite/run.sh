#!/bin/sh
# Runs Lua's official test suite, of the release that Debian 12 has, with stock lua5.4 and with
# cvlua --trusted: each file that the one passes, the other must pass.
#
#   run.sh [CVLUA]      exit 0: all is well · 1: a file fails with cvlua only · 77: the suite cannot be had
#
# The suite comes inside lupa's source package on PyPI; it is kept in a cache folder, never in the repository.
set -u
cvlua=$(realpath "${1:-$(dirname "$0")/../../.build/debug/cvlua}")
cache=${CVLUA_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cvlua-tests}
version=2.0   # its third-party/lua54 is 5.4.4
suite=$cache/lupa-$version/third-party/lua54/testes

command -v lua5.4 >/dev/null || { echo "official suite: skipped, there is no lua5.4 to compare with"; exit 77; }
if [ ! -d "$suite" ]; then
  mkdir -p "$cache" && cd "$cache" || exit 77
  if ! python3 -m pip download --quiet --no-deps --no-binary :all: "lupa==$version" >pip.log 2>&1 ||
    ! tar xzf "lupa-$version.tar.gz"; then
    echo "official suite: skipped, lupa $version could not be had from PyPI; see $cache/pip.log"
    exit 77
  fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$suite/." "$work" && cd "$work" || exit 77
ran=0 passed=0 both= failed=
for file in *.lua; do
  # all.lua runs the others in one process; heavy.lua takes gigabytes.
  case $file in all.lua | heavy.lua) continue ;; esac
  ran=$((ran + 1))
  timeout 120 lua5.4 -e '_port=true _soft=true _nomsg=true' "$file" >stock.out 2>&1
  stock=$?
  timeout 120 "$cvlua" --trusted -e '_port=true _soft=true _nomsg=true' "$file" >ours.out 2>&1
  ours=$?
  if [ $ours -eq 0 ]; then passed=$((passed + 1)); fi
  if [ $stock -ne 0 ] && [ $ours -ne 0 ]; then both="$both $file"; fi
  if [ $stock -eq 0 ] && [ $ours -ne 0 ]; then
    failed="$failed $file"
    echo "$file: exit $ours"
    tail -5 ours.out
  fi
done
echo "official suite: $ran files ran, $passed passed; failed with stock lua5.4 too:${both:- none}; with cvlua only:${failed:- none}"
[ $ran -ge 30 ] && [ -z "$failed" ]
