# kgsync's image. Targets: `runtime`, to build on; `dist`, one folder for any other image; `inject`, the same for
# `kgsync install`; `sample`, with the sample app in it.
#   docker build --tag kgsync .
#   docker build --target dist --tag kgsync:dist .
# Add it to an app:  FROM kgsync, COPY the app, CMD ["/app", "its", "arguments"]
# or, whatever the app's image is made of:
#   COPY --from=kgsync:dist /opt/kgsync /opt/kgsync
#   ENTRYPOINT ["/opt/kgsync/kgsync", "run", "--"]            (docs/images.md)
#
# Kept to what the classic builder understands too: no --mount, no heredocs, no COPY --chmod.

# Any Debian-like image with Node 24 at /usr/local/bin/node (scripts/base-image.sh makes one without a registry).
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
# `source`: npm ci and build here. `prebuilt`: take dist/ as `npm run build` left it, for builds without a network.
ARG DIST=source
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# Without install scripts: the one of the `node` package would fetch the Node that this image has.
RUN test "$DIST" = prebuilt || npm ci --ignore-scripts
COPY . .
RUN if [ "$DIST" = prebuilt ]; then \
    test -f dist/kgsync.cjs || { echo 'DIST=prebuilt, but there is no dist/: npm run build' >&2; exit 1; }; \
  else \
    node scripts/build.ts; \
  fi \
  && find dist -name '*.map' -delete && rm -rf dist/compile-cache

FROM ${BASE} AS prepared
RUN test -x /usr/bin/tini || { apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*; }
# /data/amadeus is there with its owner because a new named volume takes both from the image.
RUN groupadd --gid 65532 kgsync \
  && useradd --uid 65532 --gid 65532 --home-dir /data --no-create-home --shell /usr/sbin/nologin kgsync 2>/dev/null \
  && install -d -o 65532 -g 65532 -m 0755 /data /data/amadeus
COPY --from=build /src/dist/ /src/LICENSE /opt/kgsync/
COPY scripts/image-entry.sh /usr/local/bin/kgsync
# The entry script has the whole environment for a moment, at each health check: a shell of its own, for the mode below.
RUN install -m 0755 "$(readlink -f /bin/sh)" /opt/kgsync/sh
# Compiled code, a third of the start time. A run that ends by itself leaves it: so, whole runs, on a folder and, for each cloud,
# on a server that answers, as what runs after the first answer has to be compiled too. Then it is root's: what runs at the next
# start is not for the app to change.
COPY package.json scripts/fill-caches.ts scripts/fake-bucket.ts /tmp/fill/
RUN chmod 0755 /usr/local/bin/kgsync \
  && install -d -o 65532 -g 65532 /opt/kgsync/compile-cache \
  && setpriv --reuid=65532 --regid=65532 --clear-groups node /tmp/fill/fill-caches.ts kgsync \
  && chown -R root:root /opt/kgsync/compile-cache && chmod -R a+rX,go-w /opt/kgsync/compile-cache && rm -rf /tmp/fill

# Execute-only: the kernel then shows nobody but root the memory and the environment, with the bucket's credentials in it, of
# whoever runs them (proc_pid_environ(5), prctl(2) PR_SET_DUMPABLE). Else any program of the same user may read both.
FROM prepared AS sealed
RUN chmod 0111 /usr/local/bin/node "$(readlink -f /usr/bin/tini)" /opt/kgsync/sh

# What the images say of themselves, once for both.
FROM scratch AS described
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["kgsync", "health"]
ENTRYPOINT ["kgsync", "run", "--"]
ARG BASE
# The version of package.json (a test compares them); revision and date of the commit, where the builder passes them.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="kgsync" \
  org.opencontainers.image.description="Container entrypoint wrapper that keeps an app's state files and a bucket in step, and loses no save" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}" \
  org.opencontainers.image.base.name="${BASE}"

# One folder that needs nothing of the image it is put into, not even a C library. Readable, as `kgsync install` copies it.
FROM prepared AS portable
RUN { command -v patchelf && command -v strip; } >/dev/null \
  || { apt-get update && apt-get install -y --no-install-recommends patchelf binutils && rm -rf /var/lib/apt/lists/*; }
COPY scripts/portable-folder.sh /tmp/
RUN sh /tmp/portable-folder.sh

FROM portable AS portable-sealed
RUN chmod 0111 /opt/kgsync/node /opt/kgsync/tini /opt/kgsync/sh

# For `COPY --from`, and for Kubernetes' image volumes. By itself it is kgsync without an app: `docker run kgsync:dist doctor`.
FROM described AS dist
COPY --from=portable-sealed /opt/kgsync /opt/kgsync
ENV PATH=/opt/kgsync:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENTRYPOINT ["/opt/kgsync/kgsync"]

# Readable, for `kgsync install`: an init container that is not root cannot copy what it may only run.
FROM described AS inject
COPY --from=portable /opt/kgsync /opt/kgsync
ENV PATH=/opt/kgsync:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# From scratch: a mode that is changed in a layer of its own is a second copy of Node.
FROM described AS runtime
COPY --from=sealed / /
WORKDIR /data

FROM runtime AS sample
COPY scripts/sample-app.ts scripts/ledger-app.ts scripts/go-graph.ts scripts/naive-entrypoint.sh /app/
CMD ["node", "/app/sample-app.ts"]

# The last stage is what `docker build` makes when no target is named.
FROM runtime AS kgsync
