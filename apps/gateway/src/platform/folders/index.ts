export { makeFolder } from './folder.maker.js';
