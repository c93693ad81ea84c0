import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import { migrationAdapter } from './migration-adapter.js';

/** The part of the global that is used; the compiler's own declaration of it comes only with the browser's types. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: Record<string, object>): Promise<{ exports: { __wbindgen_start(): void } }>;
};

type SchemaEngine = Awaited<ReturnType<typeof glue.SchemaEngine.new>>;

let instantiated: Promise<void> | undefined;

/**
 * Runs a piece of work with Prisma's schema engine in WebAssembly: the native one would have to be downloaded.
 * @param schema the text of schema.prisma
 */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  schema: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  instantiated ??= instantiate();
  await instantiated;
  const adapter = migrationAdapter(databaseUrl);
  try {
    const engine = await glue.SchemaEngine.new(
      { datamodels: [['schema.prisma', schema]] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(adapter.factory),
    );
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await adapter.dispose();
  }
}

/** The engine never clears the timer of its lock, which would hold a process that is done for ten seconds more. */
function withoutHoldingTimers(): object {
  const imports: Record<string, unknown> = { ...glue };
  for (const name of Object.keys(imports).filter(each => each.startsWith('__wbg_setTimeout_'))) {
    imports[name] = (callback: () => void, delayMs: number) => setTimeout(callback, delayMs).unref();
  }
  return imports;
}

async function instantiate(): Promise<void> {
  const folder = dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm'));
  const module = await WebAssembly.compile(await readFile(join(folder, 'schema_engine_bg.wasm')));
  const instance = await WebAssembly.instantiate(module, { './schema_engine_bg.js': withoutHoldingTimers() });
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: failWith } });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** Called by the engine with what it knows of its own crash, which would otherwise be "unreachable". */
function failWith(message: string): never {
  throw new Error(`The schema engine has crashed: ${message}`);
}
