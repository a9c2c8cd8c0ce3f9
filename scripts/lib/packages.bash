# Debian packages that cvlua needs. Sourced by the launchers beside this folder, never run.

# What a build links against.
build_packages=(libedit-dev liblua5.4-dev libsqlite3-dev pkg-config)
# What the tests run besides: stock Lua programs, a terminal that a program can drive, and somebody else to
# ask a server, or to be one with a certificate; what kills a program at a system call; a checker of scripts; a sendmail
# that delivers on this machine.
test_packages=(lua5.4 lua-cjson lua-penlight lua-busted tmux curl openssl strace lua-check dma)

# What the benchmark compares with, and measures by.
bench_packages=(lua5.4 lua-cjson hyperfine python3 time strace)

# What scripts/soak is written in.
soak_packages=(python3)

# Prints `name version` of those of the packages $@ that are installed, sorted.
installed_packages() {
  dpkg-query --show --showformat '${db:Status-Status} ${Package} ${Version}\n' "$@" 2>/dev/null |
    sed -n 's/^installed //p' | sort || true
}

# Installs those of the packages $@ that are missing. Says what it does on stderr; shows apt's words
# only where it fails.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    # No Debian: whoever runs this provides the libraries by other means, and pkg-config tells.
    if command -v pkg-config >/dev/null && pkg-config --exists lua5.4 sqlite3; then return 0; fi
    echo "cvlua: this is no Debian system, so install what these Debian packages hold: $*" >&2
    return 1
  fi
  local installed missing=() name
  installed=$(installed_packages "$@")
  for name in "$@"; do
    [[ $'\n'$installed == *$'\n'"$name "* ]] || missing+=("$name")
  done
  ((${#missing[@]})) || return 0

  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "cvlua: Debian packages are missing; as root, run: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
    # Without a terminal nobody could type a password.
    [[ -t 2 ]] || as_root=(sudo -n)
  fi
  echo "cvlua: installing Debian packages: ${missing[*]}" >&2
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  local output
  # The lists are fetched once, and only where there is something to install.
  if ! output=$({ "${install[@]}" update && "${install[@]}" install -y --no-install-recommends \
    "${missing[@]}"; } 2>&1 </dev/null); then
    printf '%s\n' "$output" >&2
    echo "cvlua: these Debian packages could not be installed: ${missing[*]}" >&2
    return 1
  fi
}
