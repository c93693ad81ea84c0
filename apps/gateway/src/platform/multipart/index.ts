export { boundaryOf, formTypeOf } from './boundary.js';
export { type FormPiece, FormScanner } from './form.scanner.js';
