# One image for the API and its workers: `docker compose up` starts both, see docs/operations.md.
# The first stage has what gets libtensorflow (pip) and builds its addon (g++); the second runs it.
FROM node:24-trixie AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++ python3-pip && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY . .
ENV KINETUNE_NATIVE=/opt/kinetune/native
# The libtensorflow of a CPU or, with KINETUNE_TENSORFLOW=gpu, of NVIDIA's GPUs, checked by its sha256.
ARG KINETUNE_TENSORFLOW=cpu
ENV KINETUNE_TENSORFLOW=${KINETUNE_TENSORFLOW}
RUN npm ci && node tools/native/main.mjs

FROM node:24-trixie-slim
ENV NODE_ENV=production KINETUNE_NATIVE=/opt/kinetune/native KINETUNE_HOME=/var/lib/kinetune
COPY --from=build /opt/kinetune/native /opt/kinetune/native
COPY --from=build /app /app
RUN mkdir -p /var/lib/kinetune && chown node:node /var/lib/kinetune
USER node
WORKDIR /app
VOLUME /var/lib/kinetune
EXPOSE 4000
ENTRYPOINT ["node", "apps/api/src/kinetune.ts"]
CMD ["serve", "--host", "0.0.0.0"]
