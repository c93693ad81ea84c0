export { JsonKeys, keysNamed } from './json-keys.js';
export { withMember, withoutMember } from './json-members.js';
export { type JsonChange, type JsonPlace, type ObjectLayout, patchedObject } from './json-patch.js';
export { bytesAre, jsonValueAt } from './json-scalar.js';
export { type JsonSink, scanJsonObject } from './json-scan.js';
export { walkJson } from './json-turns.js';
export type { JsonVisitor } from './json-walker.js';
