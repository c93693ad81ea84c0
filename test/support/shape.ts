/** Writes a JSON value's shape: an object's keys with the shapes below them, a list's first item, else the type. */
function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, below]) => [key, shapeOf(below)]));
}

/** Everything that the example has is there, with its type; more may be. */
export function expectShape(actual: unknown, example: unknown): void {
  expect(shapeOf(actual)).toMatchObject(shapeOf(example) as object);
}
