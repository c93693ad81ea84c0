import { exec, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { startEmbeddedPostgres } from '../apps/gateway/src/platform/database/embedded-postgres.js';
import { freePort } from './support/free-port.js';
import { cleanEnvironment } from './support/clean-environment.js';
import { readContainerFile } from './support/container-file.js';
import { startCommand } from './support/start-command.js';
import { until } from './support/until.js';

const BUILD_DEADLINE_MS = 10 * 60_000;
const dockerfile = readContainerFile('Dockerfile');
const compose = parse(readFileSync('docker-compose.yml', 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'maas-image-'));
const build = join(folder, 'build');
const app = join(folder, 'app');
const running: ChildProcess[] = [];

/** What the build is sent: all but what .dockerignore names. */
function copyContext(): void {
  const ignored = readFileSync('.dockerignore', 'utf8').split('\n').filter(Boolean);
  cpSync('.', build, { recursive: true, filter: source => !ignored.includes(relative('.', source)) });
}

function shipTo(destination: string): void {
  mkdirSync(destination);
  for (const path of dockerfile.shipped) renameSync(join(build, path), join(destination, path));
}

function shippedFiles(): string[] {
  return readdirSync(app, { recursive: true, encoding: 'utf8' }).sort();
}

function start([program, ...args]: string[], environment: Record<string, string>): ChildProcess {
  const env = { ...cleanEnvironment(), NODE_ENV: 'production', ...environment };
  const child = spawn(program ?? '', args, { cwd: app, env, stdio: ['ignore', 'ignore', 'inherit'] });
  running.push(child);
  return child;
}

async function healthy([program, ...args]: string[], environment: Record<string, string> = {}): Promise<boolean> {
  const child = spawn(program ?? '', args, { cwd: app, env: { ...cleanEnvironment(), ...environment } });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0;
}

beforeAll(async () => {
  copyContext();
  for (const command of dockerfile.buildCommands) {
    const env = { ...cleanEnvironment(), npm_config_prefer_offline: 'true', npm_config_audit: 'false' };
    // Rejects with the command and what it wrote to stderr.
    await promisify(exec)(command, { cwd: build, env, maxBuffer: 64 * 1024 ** 2 });
  }
  shipTo(app);
}, BUILD_DEADLINE_MS);

afterAll(async () => {
  await Promise.all(
    running.filter(child => child.exitCode === null).map(child => (child.kill('SIGKILL'), once(child, 'close'))),
  );
  rmSync(folder, { recursive: true, force: true });
});

describe('the image', () => {
  it('is built on the slim Node.js 24 and does not run as root', () => {
    expect(dockerfile.base).toEqual(['node:24-bookworm-slim', 'node:24-bookworm-slim']);
    expect(dockerfile.user).toBe('node');
    expect(dockerfile.environment).toContain('NODE_ENV=production');
  });

  it('runs the gateway as npm start does', () => {
    const { flags, program } = startCommand();
    expect(dockerfile.command).toEqual(['node', ...flags, program]);
  });

  it('holds no dev dependency and no embedded Postgres', () => {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const left = Object.entries<{ dev?: boolean; devOptional?: boolean; optional?: boolean }>(lock.packages)
      .filter(([, { dev, devOptional, optional }]) => [dev, devOptional, optional].includes(true))
      .filter(([path]) => existsSync(join(app, path)));
    expect(left).toEqual([]);
    expect(existsSync(join(app, 'node_modules/@nestjs/core'))).toBe(true);
  });

  it('serves from what it ships, writes nothing beside its data folder, and ends with 0 on SIGTERM', async () => {
    const before = shippedFiles();
    const database = await startEmbeddedPostgres(join(folder, 'database'), () => undefined);
    try {
      const simulatorPort = String(await freePort());
      start(compose.services.simulator.command, { SIMULATOR_PORT: simulatorPort });
      const check = compose.services.simulator.healthcheck.test
        .slice(1)
        .map((word: string) => word.replace(compose.services.simulator.environment.SIMULATOR_PORT, simulatorPort));
      await until('the simulator is healthy', () => healthy(check));

      const port = String(await freePort());
      const gateway = start(dockerfile.command, {
        PORT: port,
        METRICS_PORT: '0',
        DATABASE_URL: database.url,
        MAAS_DATA_DIR: join(folder, 'data'),
        MAAS_SIMULATOR_URL: `http://127.0.0.1:${simulatorPort}`,
        LOG_LEVEL: 'warn',
      });
      await until(
        'the gateway is healthy or gone',
        async () => gateway.exitCode !== null || (await healthy(dockerfile.healthCheck, { PORT: port })),
        60_000,
      );
      expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200);
      expect(shippedFiles()).toEqual(before);

      gateway.kill('SIGTERM');
      expect(await once(gateway, 'close')).toEqual([0, null]);
    } finally {
      await database.stop();
    }
  }, 120_000);
});

describe('the compose file', () => {
  const { postgres, simulator, gateway } = compose.services;

  it('runs the gateway and the simulator from one image, beside Postgres 18 with a named volume', () => {
    expect(postgres.image).toMatch(/^postgres:18/);
    expect(postgres.volumes).toEqual(['postgres:/var/lib/postgresql']);
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(['postgres', 'gateway']));
    expect([simulator.image, gateway.image]).toEqual(['maas-gateway', 'maas-gateway']);
  });

  it('waits for health, not for a start', () => {
    expect(postgres.healthcheck.test).toBeDefined();
    expect(simulator.healthcheck.test).toBeDefined();
    expect(dockerfile.healthCheck).not.toEqual([]);
    expect(gateway.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      simulator: { condition: 'service_healthy' },
    });
  });

  it('keeps the root file system read-only and every port on loopback', () => {
    for (const service of [gateway, simulator]) expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    const ports = Object.values<{ ports?: string[] }>(compose.services).flatMap(service => service.ports ?? []);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});
