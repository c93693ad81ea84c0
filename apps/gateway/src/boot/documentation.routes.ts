import type { FastifyInstance } from 'fastify';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { ServedFile } from '../platform/served-files/index.js';
import { PAGE_CSS, PAGE_HEADERS, PAGE_HTML, PAGE_SCRIPT } from './explorer.page.js';

const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

const require = createRequire(import.meta.url);

const fromText = (text: string, type: string, headers?: Record<string, string>): ServedFile => {
  const bytes = Buffer.from(text);
  return new ServedFile(() => Promise.resolve(bytes), type, headers);
};
const fromSwaggerUi = (name: string, type: string): ServedFile =>
  new ServedFile(() => readFile(require.resolve(`swagger-ui-dist/${name}`)), type);

/**
 * Serves the document at /openapi.json and Swagger UI at /docs. The files are a fixed list and no path of a request reaches
 * the file system, so that a path such as `/docs//etc/passwd` is an unknown path like any other.
 */
export function serveDocumentation(fastify: FastifyInstance, document: string): void {
  const page = fromText(PAGE_HTML, 'text/html; charset=utf-8', PAGE_HEADERS);
  const files: Record<string, ServedFile> = {
    '/openapi.json': fromText(document, 'application/json; charset=utf-8'),
    '/docs': page,
    '/docs/': page,
    '/docs/explorer.css': fromText(PAGE_CSS, CSS),
    '/docs/explorer.js': fromText(PAGE_SCRIPT, SCRIPT),
    '/docs/swagger-ui.css': fromSwaggerUi('swagger-ui.css', CSS),
    '/docs/swagger-ui-bundle.js': fromSwaggerUi('swagger-ui-bundle.js', SCRIPT),
    '/docs/favicon-32x32.png': fromSwaggerUi('favicon-32x32.png', 'image/png'),
  };
  for (const [path, file] of Object.entries(files)) {
    fastify.get(path, (request, reply) => file.answer(request, reply));
  }
}
