import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANSWER } from './completion.answer.js';
import { freePort } from '../test/support/free-port.js';
import { answering, endOf, type Program } from './programs.js';

export const hasNginx = (): boolean => spawnSync('nginx', ['-v']).status === 0;

/** Answers every request with the same completion. */
export const startNginxUpstream = (): Promise<Program> =>
  startNginx('', `default_type application/json; return 200 '${ANSWER}';`);

/** The limit of the machine: a proxy without a language runtime. */
export const startNginxProxy = (upstreamUrl: string): Promise<Program> =>
  startNginx(
    `upstream cheap { server ${new URL(upstreamUrl).host}; keepalive 64; }`,
    'proxy_pass http://cheap; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;',
  );

async function startNginx(declarations: string, location: string): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    name => `${name}_temp_path ${join(folder, name)};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log ${join(folder, 'error.log')};
     events { worker_connections 16384; }
     http { access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; ${temporary.join(' ')} ${declarations}
       server { listen 127.0.0.1:${port} backlog=8192; location / { ${location} } } }`,
  );
  const child = spawn('nginx', ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await answering(child, url);
  return {
    pid: child.pid ?? Number.NaN,
    url,
    stop: async () => {
      await endOf(child, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
