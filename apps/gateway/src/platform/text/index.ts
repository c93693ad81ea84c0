export { flat } from './flat.js';
