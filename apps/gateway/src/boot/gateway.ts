import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { AppModule } from '../app.module.js';
import { PublicUrl } from '../models/index.js';
import type { Environment } from '../platform/config/index.js';
import { limitConnections } from '../platform/connections/index.js';
import { serveCors } from '../platform/cors/index.js';
import { DirectDoor } from '../platform/direct/index.js';
import { Lifecycle } from '../platform/health/index.js';
import { BodyReader, defaultInflightBytes, HeldBytes } from '../platform/bodies/index.js';
import { createFastifyAdapter, RouteTable } from '../platform/http/index.js';
import { createMetricsServer, PinoLoggerService } from '../platform/telemetry/index.js';
import { serveDocumentation } from './documentation.routes.js';
import { drain } from './drain.js';
import { listen, listenError } from './listen.js';
import { createOpenApiDocument } from './openapi.document.js';
import type { Services } from './services.js';

export interface Gateway {
  url: string;
  metricsUrl: string;
  /** Takes nothing new, lets answers finish, writes everything down. */
  stop(): Promise<void>;
}

const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** @throws StartupError where a listener cannot be opened */
export async function startGateway(environment: Environment, services: Services, logger: Logger): Promise<Gateway> {
  const routes = new RouteTable();
  const bodies = bodyReaderOf(environment);
  const maxBodyBytes = Math.min(environment.MAAS_MAX_CONTROL_BODY_BYTES, environment.MAAS_MAX_BODY_BYTES);
  const adapter = createFastifyAdapter({ logger, maxBodyBytes, bodies, routes });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot({
      environment,
      routes,
      bodies,
      databaseUrl: services.databaseUrl,
      identityProvider: services.identityProvider,
      simulatorUrl: services.simulatorUrl,
      secrets: services.secrets,
    }),
    adapter,
    { bodyParser: false, logger: new PinoLoggerService(logger), abortOnError: false },
  );
  const metrics = createMetricsServer();
  const stop = (): Promise<void> => stopGateway(app, metrics, environment.DRAIN_TIMEOUT);
  try {
    serveDocumentation(adapter.getInstance(), JSON.stringify(createOpenApiDocument(app)));
    await app.init();
    app.get(DirectDoor).standBefore(app.getHttpServer());
    serveCors(app.getHttpServer(), environment.MAAS_CORS_ORIGINS);
    limitConnections(app.getHttpServer(), environment);
    const metricsPort = await listen(metrics, environment.METRICS_HOST, environment.METRICS_PORT, 'METRICS_PORT');
    // Not by Nest, which logs beside the line for the operator what it throws.
    const { HOST: host, PORT: port } = environment;
    await adapter
      .getInstance()
      .listen({ host, port })
      .catch((error: Error) => {
        throw listenError('PORT', host, port, error);
      });
    const address = app.getHttpServer().address();
    const url = urlOf(host, typeof address === 'object' && address !== null ? address.port : port);
    app.get(PublicUrl).base = environment.PUBLIC_GATEWAY_URL ?? url;
    return { url, metricsUrl: urlOf(environment.METRICS_HOST, metricsPort), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The bound of held bodies is never below the largest body, which could not be read otherwise. */
export function bodyReaderOf(environment: Environment): BodyReader {
  const { MAAS_MAX_BODY_BYTES, MAAS_MAX_INFLIGHT_BYTES, MAAS_MIN_BODY_RATE } = environment;
  const maxHeldBytes = Math.max(MAAS_MAX_BODY_BYTES, MAAS_MAX_INFLIGHT_BYTES ?? defaultInflightBytes());
  return new BodyReader(new HeldBytes(maxHeldBytes), MAAS_MIN_BODY_RATE);
}

async function stopGateway(app: NestFastifyApplication, metrics: Server, drainTimeoutMs: number): Promise<void> {
  await drain(app.getHttpServer(), app.get(DirectDoor), app.get(Lifecycle), drainTimeoutMs);
  await app.close();
  metrics.closeAllConnections();
  if (metrics.listening) await new Promise(resolve => metrics.close(resolve));
}
