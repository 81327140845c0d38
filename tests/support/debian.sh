# SPDX-License-Identifier: Apache-2.0
# What Debian 12 does not have and Debian 13 has, and runs on both. Sourced, not run.

debian_mirror() { # where this machine's packages come from
    sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list.d/*.sources \
        /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | head -n 1
}

# debian_unpack FOLDER SOURCE PACKAGE VERSION: unpacks a package of the pool into the folder, and installs nothing.
debian_unpack() {
    mkdir -p "$1" || return
    deb=$(mktemp)
    curl -fsS --retry 3 -o "$deb" "$(debian_mirror)/pool/main/$(printf %.1s "$2")/$2/$3_$4_$(dpkg --print-architecture).deb" &&
        dpkg-deb -x "$deb" "$1"
    set -- $?
    rm -f "$deb"
    return "$1"
}
