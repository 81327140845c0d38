# SPDX-License-Identifier: Apache-2.0
# Redis for where the official image cannot be had.
FROM debian:bookworm-slim
RUN groupadd -r -g 999 redis && useradd -r -g 999 -u 999 redis && apt-get update \
 && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/*
CMD ["redis-server"]
