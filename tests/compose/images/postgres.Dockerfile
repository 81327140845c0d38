# SPDX-License-Identifier: Apache-2.0
# PostgreSQL for where the official image cannot be had: Debian's packages, with what of the official entrypoint the compose file uses.
FROM debian:bookworm-slim
RUN apt-get update && mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
 && groupadd -r -g 999 postgres && useradd -r -g 999 -u 999 -d /var/lib/postgresql -s /bin/bash postgres \
 && apt-get install -y --no-install-recommends postgresql-15 && rm -rf /var/lib/apt/lists/*
ENV LANG=C.UTF-8 PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data
COPY postgres-entrypoint /usr/local/bin/postgres-entrypoint
ENTRYPOINT ["/bin/sh", "/usr/local/bin/postgres-entrypoint"]
STOPSIGNAL SIGINT
CMD ["postgres"]
