#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh [ARGUMENT …]: the screen in a browser, against a suite of its own (TAP). Arguments are Playwright's: a file, -g PATTERN.
# OXE_BUILD names the build folder.
set -eu
. "$(dirname -- "$0")/../e2e/lib.sh"
OXE_ROOT=$root
. "$root/deploy/local/lib.sh"
. "$root/deploy/local/web.sh"
build_screen
with_screen_lock install_modules
cd "$screen"
OXE_BUILD=$build OXE_BROWSER_TAP=yes OXE_BROWSER_RESULTS=$build/meson-logs/browser exec pnpm exec playwright test "$@"
