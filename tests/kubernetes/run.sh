#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# deploy/kubernetes without a cluster (TAP): each overlay renders; the API's own types know every field; selectors, ports, references and
# NetworkPolicies fit each other and the picture of docs/ARCHITECTURE.md; every program takes its settings; each kind of mistake is found; and
# the pods of the development overlay, run here over tcp with CURVE, trade. OXE_BUILD names the build folder.
set -u
. "$(dirname -- "$0")/../e2e/lib.sh"
. "$(dirname -- "$0")/../e2e/tap.sh"
. "$root/tests/support/debian.sh"
cd "$root" || exit 1
work=$(mktemp -d /tmp/oxe-kubernetes-XXXXXX)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

end() {
    echo "1..$number"
    [ "$failed" -eq 0 ]
    exit
}

# --- what renders and what judges ---
# Debian 12's kubectl has a kustomize of 2019: Debian 13's runs here as well.
kubectl_version=1.32.3+ds-2
if ! kubectl version --client -o json 2>/dev/null | grep -qE '"kustomizeVersion": "v([5-9]|[1-9][0-9])\.'; then
    PATH=$build/tools/kubectl/usr/bin:$PATH
    if ! command -v kubectl >/dev/null || ! kubectl version --client -o json 2>/dev/null | grep -q '"kustomizeVersion": "v5'; then
        if ! debian_unpack "$build/tools/kubectl" kubernetes kubectl "$kubectl_version" 2>"$work/errors"; then
            skip the_manifests_render "needs kubectl, or a mirror of Debian: $(tail -n 1 "$work/errors")"
            end
        fi
    fi
fi
export OXECTL=$build/services/oxectl/oxectl
cp -a deploy/kubernetes "$work/manifests"
rm -rf "$work"/manifests/overlays/*/secrets "$work"/manifests/overlays/*/*/secrets
mkdir -p "$work/manifests/overlays/production/secrets"
echo 'the certificate of whom PostgreSQL trusts' >"$work/manifests/overlays/production/secrets/database-ca.pem"
printf 'host=postgresql.example.com dbname=oxe sslmode=verify-full sslrootcert=/etc/oxe/database-ca/ca.pem' \
    >"$work/manifests/overlays/production/secrets/database"
render() { # OVERLAY: prints what kustomize says
    kubectl kustomize "$work/manifests/overlays/$1" 2>&1 >"$work/$1.yaml"
}
faults() { # FILE
    python3 tests/support/manifests.py faults "$1" "$build" 2>&1
}
for overlay in development production; do
    check "the_keys_of_${overlay}_are_made" "$(sh "$work/manifests/keys" "$work/manifests/overlays/$overlay/" 2>&1; echo $?)" 0
    (cd "$work/manifests/overlays/$overlay" && find . -path '*secrets*' -type f -exec md5sum {} + | sort) >"$work/before"
    sh "$work/manifests/keys" "$work/manifests/overlays/$overlay"
    check "and_stay_when_made_again: $overlay" \
        "$(cd "$work/manifests/overlays/$overlay" && find . -path '*secrets*' -type f -exec md5sum {} + | sort | diff "$work/before" -)" ''
    check "$overlay renders" "$(render "$overlay")" ''
    check "nothing in $overlay contradicts itself or the picture" "$(faults "$work/$overlay.yaml")" ''
    check "every program of $overlay takes its settings" \
        "$(python3 tests/support/manifests.py check "$work/$overlay.yaml" "$build" "$work/$overlay" 2>&1)" ''
done
check no_secret_is_in_the_repository "$(git ls-files deploy/kubernetes 2>/dev/null | grep secrets/)" ''

# --- the types of the API ---
judge() { # FILE …: what the compiler says, without where
    for file in "$@"; do
        python3 tests/support/manifests.py types "$file" >"$work/types/$(basename "$file" .yaml).ts"
    done
    (cd "$work/types" && node_modules/.bin/tsc --noEmit --strict --skipLibCheck --moduleResolution node --module commonjs ./*.ts)
}
mkdir "$work/types"
cp tests/kubernetes/package.json tests/kubernetes/package-lock.json "$work/types/"
if (cd "$work/types" && npm ci --ignore-scripts --no-audit --no-fund --prefer-offline) >"$work/npm" 2>&1; then
    check the_types_of_the_api_know_every_field "$(judge "$work/development.yaml" "$work/production.yaml")" ''
    sed '0,/^\( *\)maxSkew: 1$/s//\1maxSkew: 1\n\1minDomain: 2/' "$work/production.yaml" >"$work/unknown.yaml"
    rm -f "$work"/types/*.ts
    check and_an_unknown_field_is_found "$(judge "$work/unknown.yaml" | grep -c 'minDomain.* does not exist in type .TopologySpreadConstraint')" 1
else
    skip the_types_of_the_api_know_every_field "npm does not bring them: $(tail -n 1 "$work/npm")"
fi

# --- mistakes ---
mistake() { # WHAT SED-EXPRESSION PATTERN: of the production overlay
    sed "$2" "$work/production.yaml" >"$work/mistake.yaml"
    if cmp -s "$work/production.yaml" "$work/mistake.yaml"; then
        fail "$1 is found" 'the manifests have no such place any more'
    elif said=$(faults "$work/mistake.yaml" | grep -E "$3"); then
        pass "$1 is found"
    else
        fail "$1 is found" "expected: $3
$(faults "$work/mistake.yaml")"
    fi
}
mistake 'a Service that selects nothing' '/^kind: Service$/,/^---/s/app.kubernetes.io\/name: validator/app.kubernetes.io\/name: validater/' \
    'Service validator has a selector that matches nothing'
mistake 'a PodDisruptionBudget that selects nothing' '/^kind: PodDisruptionBudget$/,/^---/s/name: executor/name: executer/' \
    'PodDisruptionBudget .* has a selector that matches nothing'
mistake 'a port that no container has' '/^kind: Service$/,/^---/s/targetPort: checked/targetPort: chequed/' 'leads to port chequed, which risk-manager-0'
mistake 'a port where nothing listens' 's/risk-manager-1.risk-manager:5556/risk-manager-1.risk-manager:5559/' 'port 5559 of risk-manager-1, where nothing listens'
mistake 'a Secret that nobody declares' 's/secretName: executor-.*/secretName: executor-gone/' 'wants Secret executor-gone, which nobody declares'
mistake 'a key of a Secret that nobody declares' '/^kind: Secret/,/^---/s/^  name: executor-/&x/; s/^  database-trader: /  database-traders: /' \
    'database-trader, where no file is mounted'
mistake 'a key of a ConfigMap that nobody declares' 's/key: OXE_TRADING_TZ/key: OXE_TRADING_ZONE/' 'OXE_TRADING_ZONE of ConfigMap trading-.*, which nobody declares'
mistake 'a NetworkPolicy that keeps answers back' 's/port: 5570$/port: 5571/' 'forbid risk-manager-0 to connect to 10.244'
mistake 'a NetworkPolicy without half of the lanes' 's/endPort: 5663/endPort: 5603/' 'forbid executor-0 to connect to risk-manager-0.risk-manager:5604'
mistake 'a NetworkPolicy that lets everybody in' '$a---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}' \
    'let validator-0 connect to status-broadcaster-[^ ]*:5558, which it has no need to'
mistake 'a risk-manager that the validators do not know' 's/,tcp:\/\/risk-manager-2.risk-manager:5556//' 'validator-0 has OXE_RISK_MANAGERS with'
mistake 'a variable that the program does not know' 's/name: OXE_RISK_BIND/name: OXE_RISK_BINDS/' 'has OXE_RISK_BINDS, which oxe-risk-manager does not know'
mistake 'an arrow of the picture that no setting draws' '/^  OXE_VALIDATORS: /d' 'no setting leads from gateway to validator'
mistake 'a container with a capability' '0,/- ALL/s//- NET_RAW/' 'has privileges'
mistake 'a pod with a token of the cluster' '0,/automountServiceAccountToken: false/s/automount/x&/; s/      automountServiceAccountToken: false//' 'has a token of the cluster'
mistake 'an autoscaler that goes by what nothing measures' 's/name: oxe_executor_queue_age_seconds/name: oxe_executor_queue_seconds/' 'which no rule makes'
sed 's/name: OXE_RISK_BIND$/name: OXE_RISK_BINDS/' "$work/production.yaml" >"$work/mistake.yaml"
check 'a program that lacks a setting says so' \
    "$(python3 tests/support/manifests.py check "$work/mistake.yaml" "$build" "$work/check" 2>&1 | grep -c 'risk-manager-.*OXE_RISK_BIND')" 3

# --- the pods, for real ---
if [ "$(id -u)" -ne 0 ] || ! unshare --net --mount --propagation private sh -c 'ip link add br0 type bridge && iptables -L' >/dev/null 2>"$work/errors"; then
    skip the_pods_trade "needs root, ip and iptables: $(tail -n 1 "$work/errors")"
    end
fi
mkdir -m 755 "$work/pods"
unshare --net --mount --propagation private python3 tests/support/pods.py "$work/development.yaml" "$build" "$work/pods" >"$work/said" 2>&1
while IFS= read -r line; do
    case $line in
        'ok '*) pass "pods: ${line#ok * - }" ;;
        'not ok '*) number=$((number + 1)) failed=$((failed + 1)) && echo "not ok $number - pods: ${line#not ok * - }" ;;
        1..*) complete=yes ;;
        *) echo "# ${line#\# }" ;;
    esac
done <"$work/said"
[ "${complete:-no}" = yes ] || fail pods_ran_to_their_end "$(tail -n 5 "$work/said")"
end
