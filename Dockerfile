# syntax=docker/dockerfile:1
# One image for the gateway and the simulator. Every step is a command that runs by hand in a clean folder,
# and test/image.spec.ts runs them there.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build
# `prisma` and `typescript` are dev dependencies that @prisma/client also names as optional peers, so they stay unless
# `optional` is omitted too. With them goes the embedded Postgres: a container is given its database.
RUN npm prune --omit=dev --omit=optional

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    METRICS_HOST=0.0.0.0 \
    MAAS_DATA_DIR=/var/lib/maas
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/dist ./dist
# A volume that is mounted here takes over the owner, so that the unprivileged user may write to it.
RUN install -d -o node -g node -m 0700 /var/lib/maas
USER node
VOLUME /var/lib/maas
EXPOSE 8080 9090
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/health/ready`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--use-largepages=silent", "--min-semi-space-size=8", "--max-semi-space-size=8", "--heap-growing-percent=100", "--no-memory-reducer", "--v8-pool-size=1", "dist/apps/gateway/src/main.js"]
