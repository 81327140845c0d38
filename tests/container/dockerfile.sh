# SPDX-License-Identifier: Apache-2.0
# Runs the steps of a Dockerfile in clean roots, without an engine. Sourced; root only.
#
# dockerfile_run DOCKERFILE CONTEXT ROOTS: each stage becomes the folder ROOTS/STAGE, beginning with ROOTS/base. It knows what our
# file uses: ARG, FROM … AS, COPY [--from=], RUN; USER, WORKDIR, ENTRYPOINT and ENV are for who runs the image. Output goes to
# ROOTS/STAGE.log; the first step that fails is printed and ends it.

# The Dockerfile's instructions, one a line: comments go, continued lines are joined.
dockerfile_instructions() {
    sed -e '/^#/d' "$1" | sed -e ':join' -e '/\\$/ { N; s/\\\n *//; b join' -e '}' | sed '/^ *$/d'
}

dockerfile_copy() { # FROM-FOLDER ROOT SOURCE … DESTINATION
    copy_from=$1 copy_root=$2
    shift 2
    for copy_to in "$@"; do :; done
    while [ $# -gt 1 ]; do
        mkdir -p "$copy_root$(dirname "${copy_to}x")"
        case $1 in
            . | */) mkdir -p "$copy_root$copy_to" && cp -a "$copy_from/$1/." "$copy_root$copy_to" ;;
            *)
                # A folder's content is copied, not the folder.
                for copy_source in "$copy_from"/$1; do
                    if [ -d "$copy_source" ]; then
                        mkdir -p "$copy_root$copy_to" && cp -a "$copy_source/." "$copy_root$copy_to"
                    else
                        cp -a "$copy_source" "$copy_root$copy_to"
                    fi
                done ;;
        esac || return 1
        shift
    done
}

dockerfile_run() {
    dockerfile_context=$2 roots=$3 stage=
    dockerfile_instructions "$1" >"$roots/instructions"
    while read -r instruction rest; do
        case $instruction in
            ARG | USER | WORKDIR | ENTRYPOINT | ENV) continue ;;
            FROM)
                stage=${rest##* }
                origin=${rest%% *}
                # shellcheck disable=SC2016
                [ "$origin" != '${BASE}' ] || origin=base
                cp -a --reflink=auto "$roots/$origin" "$roots/$stage" || return 1
                continue ;;
            COPY)
                case $rest in
                    --from=*)
                        origin=${rest#--from=}
                        # shellcheck disable=SC2086
                        dockerfile_copy "$roots/${origin%% *}" "$roots/$stage" ${rest#* } ;;
                    # shellcheck disable=SC2086
                    *) dockerfile_copy "$dockerfile_context" "$roots/$stage" $rest ;;
                esac && continue ;;
            # With /proc, as in a container; it ends with the step.
            RUN) unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot "$1" /bin/sh -c "$2"' run "$roots/$stage" "$rest" </dev/null >>"$roots/$stage.log" 2>&1 && continue ;;
        esac
        echo "stage $stage: $instruction $rest"
        [ ! -f "$roots/$stage.log" ] || tail -n 20 "$roots/$stage.log"
        return 1
    done <"$roots/instructions"
}
