export { ServedFile } from './served.file.js';
