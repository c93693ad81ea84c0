import { readFileSync } from 'node:fs';

/** What the Dockerfile says, as the commands that it runs; only the instructions that it uses. */
export interface ContainerFile {
  /** The build stage's commands, in order. */
  readonly buildCommands: string[];
  /** What the last stage takes from the build stage, relative to the application's folder. */
  readonly shipped: string[];
  readonly base: string[];
  readonly user: string | undefined;
  readonly environment: string;
  readonly command: string[];
  readonly healthCheck: string[];
}

export function readContainerFile(path: string): ContainerFile {
  const text = readFileSync(path, 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ');
  const [build = '', last = ''] = text.split(/^(?=FROM )/m).filter(stage => stage.startsWith('FROM '));
  const all = (stage: string, pattern: RegExp) => [...stage.matchAll(pattern)].map(match => match[1] ?? '');
  const exec = (pattern: RegExp) => JSON.parse(all(last, pattern)[0] ?? '[]') as string[];
  return {
    buildCommands: all(build, /^RUN (.+)$/gm),
    shipped: all(last, /^COPY --from=build \/app\/(\S+) /gm),
    base: all(text, /^FROM (\S+)/gm),
    user: all(last, /^USER (\S+)$/gm)[0],
    environment: all(last, /^ENV (.+)$/gm).join(' '),
    command: exec(/^CMD (\[.+\])$/gm),
    healthCheck: exec(/^HEALTHCHECK .*CMD (\[.+\])$/gm),
  };
}
