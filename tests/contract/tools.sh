# SPDX-License-Identifier: Apache-2.0
# What the tests of the contract share. Sourced. The tools are Debian's (deploy/packages.txt), whatever else has their names.
PATH=/usr/bin:/bin:$PATH
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)

yaml_to_json() { # FILE
    yq . "$1"
}
