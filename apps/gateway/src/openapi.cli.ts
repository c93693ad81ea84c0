import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { AppModule } from './app.module.js';
import { NoIdentityProvider } from './auth/index.js';
import { bodyReaderOf } from './boot/gateway.js';
import { createOpenApiDocument } from './boot/openapi.document.js';
import { parseEnvironment } from './platform/config/index.js';
import { createFastifyAdapter, RouteTable } from './platform/http/index.js';
import { SecretBox } from './platform/secrets/index.js';

// Writes openapi.json from the code alone: nothing is started, no database is asked.

const environment = parseEnvironment({});
const routes = new RouteTable();
const bodies = bodyReaderOf(environment);
const adapter = createFastifyAdapter({
  logger: pino({ level: 'silent' }),
  maxBodyBytes: environment.MAAS_MAX_CONTROL_BODY_BYTES,
  bodies,
  routes,
});
const app = await NestFactory.create<NestFastifyApplication>(
  AppModule.forRoot({
    environment,
    routes,
    bodies,
    databaseUrl: 'postgres://localhost/none',
    identityProvider: new NoIdentityProvider(),
    simulatorUrl: null,
    secrets: new SecretBox([randomBytes(32)]),
  }),
  adapter,
  { preview: true, logger: false, bodyParser: false },
);
const path = process.argv[2] ?? 'openapi.json';
writeFileSync(path, `${JSON.stringify(createOpenApiDocument(app), null, 2)}\n`);
process.stdout.write(`wrote ${path}\n`);
process.exit(0);
