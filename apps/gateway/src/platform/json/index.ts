export { JSON_MAX_DEPTH, type JsonMember, topLevelMembers, withMember, withoutMember } from './json-members.js';
export { bytesAre, type JsonSink, scanJsonObject } from './json-scan.js';
