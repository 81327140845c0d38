# SPDX-License-Identifier: Apache-2.0
# Prometheus, Alertmanager and the node exporter for where the official images cannot be had: one image, whose command says which.
FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends prometheus prometheus-alertmanager prometheus-node-exporter \
 && rm -rf /var/lib/apt/lists/* && ln -s /usr/bin/prometheus-alertmanager /usr/local/bin/alertmanager \
 && install -d -o nobody /prometheus /alertmanager
ARG PROGRAM=prometheus
ENV PROGRAM=${PROGRAM}
ENTRYPOINT ["/bin/sh", "-c", "exec $PROGRAM \"$@\"", "watch"]
