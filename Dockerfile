FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The optional dependencies are Node binaries of 120 MB each, for checkouts on a machine with an older Node; the base image has its own.
# Only they are taken out: --omit=optional would also drop the platform packages that the compiler needs.
RUN npm pkg delete optionalDependencies && npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:26-bookworm-slim
ENV NODE_ENV=production FAIRLEAD_DATA=/data FAIRLEAD_PAGES=/pages
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# /data holds private keys. `fairlead` is there for `docker exec <container> fairlead routes`.
RUN mkdir -m 0700 /data && mkdir /pages \
  && printf '#!/bin/sh\nexec node /app/dist/main.js "$@"\n' > /usr/local/bin/fairlead \
  && chmod 0755 /usr/local/bin/fairlead
VOLUME /data
EXPOSE 80 443
# A container of `fairlead whoami` has no proxy to ask.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD grep -q whoami /proc/1/cmdline || exec fairlead healthcheck
# No USER: the control plane opens the Docker socket, which belongs to root and to a group whose number differs between hosts.
# What faces the network is a child process, which gives up root and never sees the socket.
ENTRYPOINT ["node", "/app/dist/main.js"]
