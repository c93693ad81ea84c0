import { parseEnvironment, type Environment } from './environment.js';

/**
 * Reads the environment of this process.
 * @throws StartupError with one line that names the variable that is not allowed
 */
export function readEnvironment(): Environment {
  return parseEnvironment(process.env);
}
