import { type JsonVisitor, JsonWalker } from './json-walker.js';

/**
 * Length of one step, in bytes: of the slowest texts it takes some 1.5 ms on a core that serves bare Node.js requests in
 * 44 us each.
 */
const STEP_BYTES = 128 * 1024;

interface Walk {
  readonly walker: JsonWalker;
  readonly resolve: (isWhole: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Walks that are under way. The event loop takes one step of one of them per turn, however many there are. */
const walks: Walk[] = [];

function takeStep(): void {
  const walk = walks.shift();
  if (walk === undefined) return;
  try {
    if (walk.walker.step(STEP_BYTES)) walk.resolve(walk.walker.isWhole);
    else walks.push(walk);
  } catch (error) {
    // The visitor has refused the text. Nobody reads the rest of it.
    walk.reject(error);
  }
  if (walks.length > 0) setImmediate(takeStep);
}

/**
 * Reads a JSON text: a short one at once, a long one in steps between which the event loop serves others.
 * @returns whether the text is one whole JSON value; a promise of it for long texts. Errors of the visitor are passed on.
 */
export function walkJson(bytes: Buffer, visitor: JsonVisitor): boolean | Promise<boolean> {
  const walker = new JsonWalker(bytes, visitor);
  if (bytes.length <= STEP_BYTES) {
    walker.step(STEP_BYTES);
    return walker.isWhole;
  }
  return new Promise((resolve, reject) => {
    walks.push({ walker, resolve, reject });
    if (walks.length === 1) setImmediate(takeStep);
  });
}
