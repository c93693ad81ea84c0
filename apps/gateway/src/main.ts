import 'reflect-metadata';
import { bannerOf } from './boot/banner.js';
import { bearObjectsYoung } from './boot/collector.js';
import { type Gateway, startGateway } from './boot/gateway.js';
import { letHelpersYield } from './boot/helper.threads.js';
import { type Services, startServices } from './boot/services.js';
import { readEnvironment, StartupError } from './platform/config/index.js';
import { createLogger } from './platform/telemetry/index.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

async function main(): Promise<void> {
  bearObjectsYoung();
  const environment = readEnvironment();
  const logger = createLogger(environment.LOG_LEVEL);
  letHelpersYield(message => logger.warn(message));
  let services: Services | undefined;
  let gateway: Gateway | undefined;
  const stop = async (): Promise<void> => {
    await gateway?.stop();
    await services?.stop();
  };

  // A signal during the start is kept until there is something to stop.
  const signalled = new Promise<string>(resolve => SIGNALS.forEach(signal => process.once(signal, resolve)));
  try {
    services = await startServices(environment, message => logger.info(message));
    gateway = await startGateway(environment, services, logger);
  } catch (error) {
    await stop();
    throw error;
  }
  logger.info({ event: 'listening', url: gateway.url, metricsUrl: gateway.metricsUrl }, 'listening');
  if (services.demo) process.stdout.write(bannerOf(gateway.url, services.dataDir));
  const signal = await signalled;
  logger.info({ event: 'stopping', signal }, 'stopping');
  await stop();
  logger.info({ event: 'stopped' }, 'stopped');
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    // What an operator can mend is one line; anything else is a fault of ours and needs its stack.
    const text =
      error instanceof StartupError
        ? error.message
        : error instanceof Error
          ? (error.stack ?? error.message)
          : String(error);
    process.stderr.write(`maas-gateway: ${text}\n`);
    process.exit(1);
  },
);
