export { boundaryOf } from './boundary.js';
export { type FormPiece, FormScanner } from './form.scanner.js';
