import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM. */
interface Certified {
  certificate: string;
  key: string;
}

export interface Authority {
  readonly certificate: string;
  /** A certificate that the authority signs, for the name. */
  certify(name: string): Certified;
  remove(): void;
}

/** Makes a certificate authority of its own, with openssl. */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'maas-certificates-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  return {
    certificate: read('ca.pem'),
    certify(name) {
      openssl('req', ...newKey, '-subj', `/CN=${name}`, '-keyout', 'one.key', '-out', 'one.csr');
      writeFileSync(join(folder, 'one.ext'), `subjectAltName=DNS:${name}`);
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'one.ext'];
      openssl('x509', '-req', '-in', 'one.csr', ...signed, '-out', 'one.pem');
      return { certificate: read('one.pem'), key: read('one.key') };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
